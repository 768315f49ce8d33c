"""Real files from packages of Debian, PyPI and npm: fetched by their own programs once and kept."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

CACHE = Path(__file__).parents[2] / ".cache" / "downloads"


def from_debian(package: str, *paths: str) -> Path:
    """Give a folder with files of a Debian package, those alone where paths name some, as ./usr/bin/age."""
    return _kept(f"debian-{package}", lambda folder: _fetch_debian(folder, package, paths))


def archive_from_debian(package: str) -> Path:
    """Give a Debian package itself, for dpkg to install."""
    (archive,) = _kept(f"deb-{package}", lambda folder: _run(folder, "apt-get", "download", "-q", package)).glob(
        "*.deb"
    )
    return archive


def from_pypi(requirement: str) -> Path:
    """Give a folder with the files of a wheel of PyPI, as name==version."""
    return _kept(f"pypi-{requirement}", lambda folder: _fetch_wheel(folder, requirement))


def from_npm(package: str) -> Path:
    """Give a folder with the files of a package of npm, as name@version."""
    return _kept(f"npm-{package}", lambda folder: _fetch_npm(folder, package))


def _kept(name: str, fetch: Callable[[Path], None]) -> Path:
    CACHE.mkdir(parents=True, exist_ok=True)
    folder = CACHE / name
    with open(CACHE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            unfinished = CACHE / "unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            try:
                fetch(unfinished)
            except (OSError, subprocess.CalledProcessError) as error:
                pytest.skip(f"{name} could not be fetched: {error}")
            unfinished.rename(folder)
    return folder


def _fetch_debian(folder: Path, package: str, paths: tuple[str, ...]) -> None:
    _run(folder, "apt-get", "download", "-q", package)
    (archive,) = folder.glob("*.deb")
    contents = subprocess.run(["dpkg-deb", "--fsys-tarfile", archive], check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", *paths], cwd=folder, input=contents, check=True)
    archive.unlink()


def _fetch_wheel(folder: Path, requirement: str) -> None:
    _run(folder, sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", requirement)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            os.chmod(archive.extract(entry, folder), entry.external_attr >> 16 & 0o777 or 0o644)
    wheel.unlink()


def _fetch_npm(folder: Path, package: str) -> None:
    _run(folder, "npm", "pack", "--silent", package)
    (archive,) = folder.glob("*.tgz")
    _run(folder, "tar", "-xzf", archive.name)
    archive.unlink()


def _run(folder: Path, *command: str) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
