"""Real packages of pacman, built by bsdtar as makepkg does it, and roots that the real pacman installs them into."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LOCAL = "var/lib/pacman/local"
INFO = """\
pkgname = {name}
pkgbase = {base}
pkgver = {version}
pkgdesc = a package
url = https://example.org
builddate = 1700000000
packager = {packager}
size = 10
arch = {architecture}
{more}"""
_MTREE = "!all,use-set,type,uid,gid,mode,time,size,md5,sha256,link"

needs_pacman = pytest.mark.skipif(
    not (shutil.which("pacman") and shutil.which("bsdtar")), reason="pacman or bsdtar is not installed"
)


def build(
    folder: Path,
    name: str,
    version: str = "2.0-3",
    architecture: str = "x86_64",
    files: Mapping[str, bytes] = {},
    base: str | None = None,
    packager: str = "Unknown Packager",
    more: str = "",
) -> Path:
    """Build a package; more are whole lines of its .PKGINFO."""
    tree = folder / f"tree-{name}-{version}"
    tree.mkdir()
    info = INFO.format(
        name=name, version=version, architecture=architecture, base=base or name, packager=packager, more=more
    )
    for path, content in {**files, ".PKGINFO": info.encode()}.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_bytes(content)
    names = [".PKGINFO", *sorted({path.split("/")[0] for path in files})]
    bsdtar(tree, "-czf", ".MTREE", "--format=mtree", f"--options={_MTREE}", *names)
    package = folder / f"{name}-{version}-{architecture}.pkg.tar"
    bsdtar(tree, "-cf", package, ".MTREE", *names)
    return package


def bsdtar(folder: Path, *arguments: str | Path) -> None:
    """Run bsdtar in a folder, with the names of files as the bytes they are."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    subprocess.run(["bsdtar", *map(str, arguments)], cwd=folder, env=environment, check=True)


def pacman(root: Path, *arguments: str | Path) -> str:
    """Run the real pacman on a root, and give what it says."""
    database = root / "var/lib/pacman"
    database.mkdir(parents=True, exist_ok=True)
    configuration = root.parent / "pacman.conf"
    configuration.write_text("[options]\nArchitecture = x86_64 i686\nSigLevel = Never\n")
    cache = root.parent / "cache"
    cache.mkdir(exist_ok=True)
    paths = ["--config", configuration, "--root", root, "--dbpath", database, "--cachedir", cache]
    command = ["pacman", *map(str, paths), "--noconfirm", *map(str, arguments)]
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
