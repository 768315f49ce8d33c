"""Real files from packages of Debian, PyPI and npm: fetched by their own programs once and kept."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

from tests.hosts.kept import kept, run

if TYPE_CHECKING:
    from pathlib import Path


def from_debian(package: str, *paths: str) -> Path:
    """Give a folder with files of a Debian package, those alone where paths name some, as ./usr/bin/age."""
    return kept(f"debian-{package}", " ".join(paths), lambda folder: _fetch_debian(folder, package, paths))


def archive_from_debian(package: str) -> Path:
    """Give a Debian package itself, for dpkg to install."""
    (archive,) = kept(f"deb-{package}", "", lambda folder: _download(folder, package)).glob("*.deb")
    return archive


def from_pypi(requirement: str) -> Path:
    """Give a folder with the files of a wheel of PyPI, as name==version."""
    return kept(f"pypi-{requirement}", "", lambda folder: _fetch_wheel(folder, requirement))


def from_npm(package: str) -> Path:
    """Give a folder with the files of a package of npm, as name@version."""
    return kept(f"npm-{package}", "", lambda folder: _fetch_npm(folder, package))


def _download(folder: Path, package: str) -> None:
    run("apt-get", "download", "-q", package, cwd=folder)


def _fetch_debian(folder: Path, package: str, paths: tuple[str, ...]) -> None:
    _download(folder, package)
    (archive,) = folder.glob("*.deb")
    contents = subprocess.run(["dpkg-deb", "--fsys-tarfile", archive], check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", *paths], cwd=folder, input=contents, check=True)
    archive.unlink()


def _fetch_wheel(folder: Path, requirement: str) -> None:
    run(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", requirement, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            os.chmod(archive.extract(entry, folder), entry.external_attr >> 16 & 0o777 or 0o644)
    wheel.unlink()


def _fetch_npm(folder: Path, package: str) -> None:
    run("npm", "pack", "--silent", package, cwd=folder)
    (archive,) = folder.glob("*.tgz")
    run("tar", "-xzf", archive.name, cwd=folder)
    archive.unlink()
