"""Real rpm databases: those of CentOS that a Debian package has, in each format, and what rpm itself says of them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.hosts.downloads import from_debian
from tests.hosts.kept import kept, run

if TYPE_CHECKING:
    from collections.abc import Sequence

SOURCE = "golang-github-knqyf263-go-rpmdb-dev"
SAMPLES = (
    "centos5-plain",
    "centos6-devtools",
    "centos6-many",
    "centos6-plain",
    "centos7-devtools",
    "centos7-httpd24",
    "centos7-many",
    "centos7-plain",
    "centos7-python35",
    "centos8-modularitylabel",
)
PLACE = "var/lib/rpm"

needs_rpm = pytest.mark.skipif(not shutil.which("rpmbuild"), reason="rpm is not installed")


@pytest.fixture(scope="session")
def centos() -> Path:
    """A folder of databases in Berkeley DB, each in one of its own (see SAMPLES)."""
    return next(from_debian(SOURCE).rglob("testdata"))


@pytest.fixture(scope="session")
def trixie() -> Path:
    """A Debian 13 with rpm, to be used by chroot: its rpm writes ndb."""
    command = ["mmdebstrap", "--quiet", "--variant=minbase", "--include=rpm", "--format=directory", "trixie"]
    return kept("rpm-trixie", " ".join(command), lambda folder: run(*command, folder))


def root_with(root: Path, database: Path, distribution: str = "ID=centos\nVERSION_ID=8\n") -> Path:
    """Make a root that has a database, by a copy, for a link more or less is a change of the file."""
    place = root / PLACE
    shutil.copytree(database, place)
    (root / "etc").mkdir()
    (root / "etc/os-release").write_text(distribution)
    return root


def to_sqlite(database: Path) -> None:
    """Convert a database in place."""
    rebuild = ["rpmdb", "--define", "_db_backend sqlite", "--dbpath", str(database), "--rebuilddb"]
    subprocess.run(rebuild, check=True, capture_output=True)


def to_ndb(database: Path, trixie: Path) -> None:
    """Convert a database in place, with the rpm of a Debian 13."""
    inside = Path(f"/tmp/{database.name}-{os.getpid()}")
    outside = trixie / str(inside)[1:]
    shutil.copytree(database, outside)
    rebuild = ["chroot", trixie, "rpmdb", "--define", "_db_backend ndb", "--dbpath", inside, "--rebuilddb"]
    subprocess.run(rebuild, check=True, capture_output=True)
    shutil.rmtree(database)
    shutil.move(outside, database)


def build(folder: Path, name: str, version: str = "1.0-1", more: str = "", files: str = "", install: str = "") -> Path:
    """Build a package; more are whole lines of its preamble, files those of its list, install the shell's."""
    spec = folder / f"{name}.spec"
    upstream, _, release = version.rpartition("-")
    spec.write_text(
        f"Name: {name}\nVersion: {upstream}\nRelease: {release}\nSummary: x\nLicense: MIT\nBuildArch: noarch\n{more}\n"
        f"%description\nx\n%install\nmkdir -p %{{buildroot}}\n{install}\n%files\n{files}\n"
    )
    command = ["rpmbuild", "-bb", "--quiet", "--define", f"_topdir {folder}/rpmbuild", str(spec)]
    subprocess.run(command, check=True, capture_output=True)
    return next((folder / "rpmbuild/RPMS").rglob(f"{name}-{version}.*.rpm"))


def rpm(root: Path, *arguments: str | Path, define: str = "_db_backend sqlite") -> subprocess.CompletedProcess[str]:
    """Run the real rpm on a root."""
    command = ["rpm", "--root", root, "--dbpath", f"/{PLACE}", "--define", define, *arguments]
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)


def install(root: Path, *packages: Path, how: str = "-U") -> None:
    """Install packages as rpm does, without their scripts."""
    result = rpm(root, how, "--nodeps", "--noscripts", "--oldpackage", *packages)
    assert result.returncode == 0, result.stderr


def query(database: Path, tags: Sequence[str], each_file: bool = False) -> list[list[str]]:
    """Give what rpm says of every package in a database; of every file of each where tags of files are asked for too."""
    line = "\\x1f".join(f"%{{{tag}}}" for tag in tags) + "\\n"
    if each_file:
        line = f"[{line}]"
    command = ["rpm", "--dbpath", str(database), "-qa", "--qf", line.replace("\\x1f", "\x1f")]
    output = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
    return [line.split("\x1f") for line in output.decode("utf-8", "surrogateescape").split("\n") if line]
