"""What takes long to make or to fetch, made once and kept for all checkouts: downloads, roots of distributions, environments."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "stocktake-tests"
_known: dict[Path, str | None] = {}


def kept(name: str, recipe: str, make: Callable[[Path], None]) -> Path:
    """Give the folder that make filled, at the place where it stays: make is given an empty one.

    It is made anew when the recipe, all that the outcome depends on, is another, and when files or parts of files that were
    made are gone. The test is skipped where it cannot be made here.
    """
    folder = CACHE / f"{name.replace('/', '+')}-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"
    if folder not in _known:
        _known[folder] = _settle(folder, make)
    if _known[folder] is not None:
        pytest.skip(f"{name} cannot be had here: {_known[folder]}")
    return folder


def run(*command: str | Path, cwd: Path | None = None, environment: Mapping[str, str] | None = None) -> str:
    """Run a program and give its output; CalledProcessError when it fails."""
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def _settle(folder: Path, make: Callable[[Path], None]) -> str | None:
    """Have a folder made unless it is whole; tell why it could not be."""
    CACHE.mkdir(parents=True, exist_ok=True)
    made = folder.with_name(f"{folder.name}.made")
    with open(folder.with_name(f"{folder.name}.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if made.exists() and _holds(made.read_text(), folder):
            return None
        made.unlink(missing_ok=True)
        problem = _attempt(folder, make) and _attempt(folder, make)  # a registry may be out of reach for a moment
        if problem is None:
            made.write_text(_census(folder))
    return problem


def _attempt(folder: Path, make: Callable[[Path], None]) -> str | None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        make(folder)
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace") if isinstance(error.stderr, bytes) else error.stderr or ""
        return f"{error}: {said.strip()[-300:]}"
    except OSError as error:
        return str(error)
    return None


def _holds(then: str, folder: Path) -> bool:
    """Tell whether as much is there as was made; what came since, as compiled modules do, does no harm."""
    return all(now >= was for now, was in zip(map(int, _census(folder).split()), map(int, then.split())))


def _census(folder: Path) -> str:
    """Count the files of a folder and their bytes."""
    sizes = [os.lstat(os.path.join(path, name)).st_size for path, _, names in os.walk(folder) for name in names]
    return f"{len(sizes)} {sum(sizes)}"
