"""Real Debian roots, made by mmdebstrap once and kept, and real packages made by dpkg-deb."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.hosts.kept import kept, run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SUITE = "bookworm"
SUITES = {"bullseye": "debian-11", SUITE: "debian-12", "trixie": "debian-13"}
"""Releases of Debian, and how package URLs name them."""


@pytest.fixture(scope="session")
def minbase() -> Path:
    """A tar archive of a minimal Debian."""
    return archive_of(SUITE)


@pytest.fixture
def debian(minbase: Path, tmp_path: Path) -> Path:
    """A fresh minimal Debian root."""
    return unpacked(minbase, tmp_path / "debian")


@pytest.fixture(scope="session", params=SUITES)
def release(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A minimal root of each release of Debian, named as the release is, which nobody changes."""
    folder = tmp_path_factory.mktemp("release")
    yield unpacked(archive_of(request.param), folder / request.param)
    shutil.rmtree(folder)


def archive_of(suite: str) -> Path:
    """Give a tar archive of a minimal Debian, kept from run to run because it takes half a minute to make."""
    command = ["mmdebstrap", "--quiet", "--variant=minbase", suite]
    return kept(f"{suite}-minbase", " ".join(command), lambda folder: run(*command, folder / "root.tar")) / "root.tar"


def unpacked(archive: Path, root: Path) -> Path:
    """Unpack a root, without its devices."""
    root.mkdir()
    subprocess.run(["tar", "-xf", archive, "-C", root, "--exclude=./dev/*"], check=True)
    return root


def build(
    folder: Path,
    name: str,
    version: str,
    fields: str = "",
    scripts: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
) -> Path:
    """Build a package with one configuration file and others; fields are whole lines of its control file."""
    tree = folder / f"{name}_{version}"
    control = f"Package: {name}\nVersion: {version}\nMaintainer: A B <a@example.org>\nDescription: x\n{fields}"
    if "Architecture:" not in fields:
        control += "Architecture: all\n"
    files = {
        "DEBIAN/control": control,
        "DEBIAN/conffiles": f"/etc/{name}/conf\n",
        f"etc/{name}/conf": "x\n",
        **(files or {}),
        **{f"DEBIAN/{script}": f"#!/bin/sh\n{body}\n" for script, body in (scripts or {}).items()},
    }
    for path, text in files.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(text)
        (tree / path).chmod(0o755 if text.startswith("#!") else 0o644)
    tree.chmod(0o755)
    package = folder / f"{name}_{version}.deb"
    subprocess.run(["dpkg-deb", "-b", tree, package], check=True, stdout=subprocess.DEVNULL)
    return package


def dpkg(root: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the real dpkg on a root."""
    command = ["dpkg", f"--root={root}", *map(str, arguments)]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def query(root: Path | None, fields: str) -> list[list[str]]:
    """Give what dpkg-query says of every package: its answers to the fields, which are written a|b|c."""
    pattern = "\\t".join(f"${{{field}}}" for field in fields.split("|")) + "\\n"
    command = ["dpkg-query", *([f"--root={root}"] if root else []), "-W", "-f", pattern]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [line.split("\t") for line in output.splitlines()]
