"""Real repositories of packages, and the lists that the real apt keeps of them and of Debian's archive."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

LISTS = "var/lib/apt/lists"
DEBIAN = (
    "deb http://deb.debian.org/debian bookworm main",
    "deb http://deb.debian.org/debian-security bookworm-security main",
)


def repository(folder: Path, *packages: Path, fields: str) -> str:
    """Make a repository of packages, with a Release of these fields, whole lines; give its line for sources.list."""
    binaries = folder / "dists/stable/main/binary-amd64"
    binaries.mkdir(parents=True)
    for package in packages:
        os.link(package, folder / package.name)
    scan = subprocess.run(["dpkg-scanpackages", "--multiversion", "."], cwd=folder, capture_output=True, check=True)
    (binaries / "Packages").write_bytes(scan.stdout)
    sum_line = f" {hashlib.sha256(scan.stdout).hexdigest()} {len(scan.stdout)} main/binary-amd64/Packages\n"
    date = "Date: Mon, 01 Jan 2024 00:00:00 UTC\n"
    (folder / "dists/stable/Release").write_text(f"{fields}Components: main\n{date}SHA256:\n{sum_line}")
    return f"deb [trusted=yes] copy:{folder} stable main"


def update(root: Path, *sources: str, options: tuple[str, ...] = ()) -> None:
    """Have apt fetch the lists of some sources into a root; the test is skipped where their archive does not answer."""
    (root / "etc/apt/sources.list").write_text("".join(f"{line}\n" for line in sources))
    done = _apt(root, "apt-get", *(part for option in options for part in ("-o", option)), "update")
    if done.returncode or "Failed to fetch" in done.stderr:
        pytest.skip(f"the archive cannot be had: {done.stderr.strip().splitlines()[-1:]}")


def sources_of(root: Path, names: list[str]) -> dict[str, set[str]]:
    """Give the addresses of the repositories that have the installed version of a package, as apt-cache policy says."""
    answer = _apt(root, "apt-cache", "policy", *names).stdout
    found = {}
    for block in re.split(r"^(?=\S)", answer, flags=re.MULTILINE)[1:]:
        installed = re.search(r"^ \*\*\* .*\n((?: {8}.*\n)*)", block, re.MULTILINE)
        lines = installed[1].splitlines() if installed else []
        found[block.partition(":\n")[0]] = {line.split()[1] for line in lines if "/dpkg/status" not in line}
    return found


def _apt(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    configuration = root.parent / "apt.conf"
    configuration.write_text(
        f'Dir "{root}";\nDir::State::status "{root}/var/lib/dpkg/status";\nAPT::Architecture "amd64";\n'
        'APT::Sandbox::User "root";\nAcquire::Languages "none";\nAcquire::Retries "2";\n'
    )
    environment = {**os.environ, "APT_CONFIG": str(configuration), "LC_ALL": "C"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
