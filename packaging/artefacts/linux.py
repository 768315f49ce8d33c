"""The packages of the agent and of the backend, .deb and .rpm, made by nfpm from one file each."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
from email.utils import format_datetime
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from artefacts import provenance
from artefacts.source import MAINTAINER, VERSION, day, moment, work_folder
from artefacts.tree import AGENT, BACKEND, LINUX, lay_out

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from artefacts.tree import Package

MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
"""Architectures as nfpm and as uname name them."""
_ALL = {"deb": "all", "rpm": "noarch"}
_SCRIPTS = ("deb.postinst", "deb.prerm", "deb.postrm", "rpm.post", "rpm.preun", "rpm.postun")


def build(target: str, folder: Path, asked: argparse.Namespace) -> Iterator[Path]:
    """Build every package of a kind, for this machine's processor last; each has its bill and provenance beside it."""
    own = next((name for name, machine in MACHINES.items() if machine == os.uname().machine), "amd64")
    yield one(BACKEND, target, _ALL[target], folder, asked.release)
    wanted = [asked.architecture] if asked.architecture else sorted(MACHINES, key=lambda name: name == own)
    for architecture in wanted:
        yield one(AGENT, target, architecture, folder, asked.release)


def one(package: Package, target: str, architecture: str, output: Path, release: str) -> Path:
    """Build one package; give its path."""
    with work_folder() as work:
        return _one(package, target, architecture, output, release, work)


def _one(package: Package, target: str, architecture: str, output: Path, release: str, work: Path) -> Path:
    tree = work / "tree"
    parts = lay_out(package, MACHINES.get(architecture, "x86_64"), tree)
    _write_scripts(package.name, work)
    _write_changelogs(package.name, work, release)
    names = {
        "architecture": "all" if architecture == "noarch" else architecture,
        "version": VERSION,
        "release": release,
        "maintainer": MAINTAINER,
        "changelog": f"changelog: {work}/changelog.yaml" if target == "rpm" else "",
        "work": str(work),
        "tree": str(tree),
    }
    recipe = work / "nfpm.yaml"
    recipe.write_text(Template((LINUX / f"{package.name}.nfpm.yaml").read_text()).substitute(names))
    artefact = _nfpm(recipe, target, output)
    shutil.copyfile(
        tree / f"usr/share/doc/{package.name}/{package.name}.cdx.json", artefact.with_name(f"{artefact.name}.cdx.json")
    )
    provenance.write(artefact, target, parts)
    return artefact


def _write_scripts(name: str, work: Path) -> None:
    account = (LINUX / "account.sh").read_text().rstrip()
    for script in _SCRIPTS:
        text = (LINUX / script).read_text().replace("@account@", account)
        (work / script).write_text(text.replace("@name@", name))


def _write_changelogs(name: str, work: Path, release: str) -> None:
    """Write the one entry that stands for CHANGELOG.md, in the form of nfpm for .rpm and of Debian."""
    (work / "changelog.yaml").write_text(
        f'- semver: "{VERSION}-{release}"\n  date: {day().isoformat()}\n  packager: "{MAINTAINER}"\n'
        f"  changes:\n    - note: Version {VERSION}.\n"
    )
    text = (
        f"{name} ({VERSION}-{release}) unstable; urgency=medium\n\n  * Version {VERSION}.\n\n"
        f" -- {MAINTAINER}  {format_datetime(day())}\n"
    )
    (work / "changelog.Debian.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def _nfpm(recipe: Path, target: str, output: Path) -> Path:
    program = shutil.which("nfpm", path=f"{os.path.dirname(sys.executable)}:{os.environ.get('PATH', '')}")
    if program is None:
        raise SystemExit("packaging/build: nfpm is missing; packaging/build installs it by itself")
    command = [program, "package", "--config", str(recipe), "--packager", target, "--target", str(output)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(moment()), "TZ": "UTC"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"packaging/build: nfpm: {done.stderr or done.stdout}")
    return Path(done.stdout.split("created package: ")[1].split("\n")[0])
