"""What is built: where the source is, its version, and the one moment that every artefact carries."""

from __future__ import annotations

import datetime
import fcntl
import os
import subprocess
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import agent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
OUTPUT = ROOT / "dist"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "stocktake-build"
"""What was fetched, for all checkouts."""
RELEASE = "1"
VERSION = agent.__version__
MAINTAINER = os.environ.get("STOCKTAKE_MAINTAINER", "stocktake <maintainers@stocktake.example>")
"""Who answers for a package; whoever distributes packages sets the variable to an address of his own."""
_OLDEST = 315532800
"""1980-01-01, the oldest moment that a zip can tell."""


@contextmanager
def work_folder() -> Iterator[Path]:
    """Give a folder for one build, which is gone after it: builds may run side by side."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=CACHE, prefix="work-") as folder:
        yield Path(folder)


def made_once(name: str, make: Callable[[Path], None]) -> Path:
    """Give the folder of that name in the cache, which make created once, whoever else builds at the same time."""
    folder = CACHE / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            with work_folder() as work:
                make(work / "made")
                (work / "made").rename(folder)
    return folder


@lru_cache(maxsize=1)
def moment() -> int:
    """Give the seconds since 1970 that stand in the artefacts: SOURCE_DATE_EPOCH, else the time of the commit."""
    given = os.environ.get("SOURCE_DATE_EPOCH") or _git("log", "-1", "--format=%ct")
    return max(_OLDEST, int(given or _OLDEST))


def day() -> datetime.datetime:
    """Give that moment as a date."""
    return datetime.datetime.fromtimestamp(moment(), datetime.timezone.utc)


def year() -> int:
    """Give its year."""
    return day().year


@lru_cache(maxsize=1)
def revision() -> str | None:
    """Give the commit that is built, with -dirty behind it where the work tree differs; None outside of git."""
    commit = _git("rev-parse", "HEAD")
    return f"{commit}-dirty" if commit and _git("status", "--porcelain", "--untracked-files=no") else commit


def _git(*words: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip() or None
