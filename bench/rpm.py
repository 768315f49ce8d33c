"""A large rpm database: stocktake beside rpm -qa and its own limits. Run as python -m bench.rpm."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from agent.start import words
from bench import peers
from bench.measure import Row, measured, missed, table

if TYPE_CHECKING:
    from collections.abc import Iterator

RUNS = 5
PACKAGES = 2000
CPU_SECONDS, PEAK_MIB = 1.5, 64
SOURCE = "golang-github-knqyf263-go-rpmdb-dev"
"""A Debian package that has a real database, that of CentOS 8 with 518 packages, among its tests."""
SAMPLE = "centos8-modularitylabel"
CACHE = peers.CACHE.parent / "bench" / "rpm"


def main() -> int:
    """Print what the database costs; 1 when a target is missed."""
    if not shutil.which("rpmdb"):
        print("left out: rpm is not installed")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "var/lib/rpm"
        shutil.copytree(_sample(), place)
        _enlarge(place)
        ours = measured([*words("agent.cli"), "scan", "packages", "--root", folder, "--format", "ndjson"], RUNS)
        unverified = ["--nodigest", "--nosignature"]  # nobody signed the headers under their other names
        theirs = measured(["rpm", "--dbpath", str(place), "-qa", *unverified, "--qf", "%{NEVRA} %{SOURCERPM}\n"], RUNS)
    found = sum(json.loads(line)["kind"] == "package" for line in ours.stdout.splitlines())
    print(f"{found} packages, {len(theirs.stdout.splitlines())} of rpm with its public keys")
    rows = [
        Row(f"{PACKAGES} rpm packages: CPU s against the limit", ours.cpu_seconds, CPU_SECONDS, 1),
        Row(f"{PACKAGES} rpm packages: peak MiB against the limit", ours.peak_mib, PEAK_MIB, 1),
        Row("rpm -qa: CPU s", ours.cpu_seconds, theirs.cpu_seconds, None),
        Row("rpm -qa: peak MiB", ours.peak_mib, theirs.peak_mib, None),
    ]
    print(table(rows))
    return 1 if missed(rows) else 0


def _sample() -> Path:
    """Give the database as it is shipped, in Berkeley DB, fetched when first needed."""
    if not CACHE.exists():
        partial = CACHE.with_suffix(".part")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        subprocess.run(["apt-get", "-q", "download", SOURCE], cwd=partial, check=True, capture_output=True)
        subprocess.run(["dpkg-deb", "-x", next(partial.glob("*.deb")), partial / "content"], check=True)
        partial.rename(CACHE)
    return next(CACHE.rglob(SAMPLE))


def _enlarge(place: Path) -> None:
    """Convert a database to SQLite, and add its headers under other names until there are enough."""
    convert = ["rpmdb", "--define", "_db_backend sqlite", "--dbpath", str(place), "--rebuilddb"]
    subprocess.run(convert, check=True, capture_output=True)
    with closing(sqlite3.connect(place / "rpmdb.sqlite")) as database:
        database.executemany("insert into Packages values (null, ?)", list(_renamed(database)))
        database.commit()


def _renamed(database: sqlite3.Connection) -> Iterator[tuple[bytes]]:
    """Give headers with names of the same length, so that no offset in them changes."""
    names = "select key, blob from Name join Packages using (hnum) where key != 'gpg-pubkey'"
    real = [(name.encode(), header) for name, header in database.execute(names)]
    for number in range(PACKAGES - len(real)):
        name, header = real[number % len(real)]
        other = name[:-1] + bytes((ord("A") + number // len(real),))
        yield (header.replace(b"\0" + name + b"\0", b"\0" + other + b"\0", 1),)


if __name__ == "__main__":
    sys.exit(main())
