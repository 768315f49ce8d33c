"""Real packages that package managers install once and that are kept from run to run."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CACHE = Path(__file__).parents[5] / ".cache" / "languages"


def kept(name: str, recipe: str, make: Callable[[Path], None]) -> Path:
    """Give the folder that make filled; again when the recipe is another. What cannot be fetched skips the test."""
    folder = CACHE / f"{name}-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            try:
                make(folder)
            except subprocess.CalledProcessError as error:
                pytest.skip(f"{name}: {error}: {error.stderr[-300:]}")
            (folder / "made").touch()
    return folder


def run(*command: str | Path, cwd: Path | None = None, environment: Mapping[str, str] | None = None) -> str:
    """Run a program and give its output; CalledProcessError when it fails."""
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=True)
    return done.stdout
