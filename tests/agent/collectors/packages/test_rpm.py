from __future__ import annotations

import fcntl
import os
import re
import shutil
import sqlite3
import subprocess
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest
from packageurl import PackageURL

from agent.collectors.packages import rpm as collector
from agent.collectors.packages.databases import Asked
from agent.collectors.packages.distribution import distribution
from agent.host import open_host
from agent.host.errors import Unsettled
from agent.model.records import Gap, Package
from tests.hosts.rpm import (
    PLACE,
    SAMPLES,
    build,
    centos,
    install,
    needs_rpm,
    query,
    root_with,
    rpm,
    to_ndb,
    to_sqlite,
    trixie,
)
from tests.hosts.trees import plant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["centos", "trixie"]  # fixtures
pytestmark = needs_rpm

TAGS = ("NAME", "EPOCH", "VERSION", "RELEASE", "ARCH", "SOURCERPM", "VENDOR", "GROUP", "MODULARITYLABEL", "INSTALLTIME")
SIGNATURES = ("RSAHEADER:pgpsig", "DSAHEADER:pgpsig", "SIGPGP:pgpsig", "SIGGPG:pgpsig")
FILE_TAGS = (
    "=NAME",
    "=VERSION",
    "=RELEASE",
    "=ARCH",
    "FILENAMES",
    "FILEDIGESTS",
    "FILEFLAGS",
    "FILESTATES",
    "FILEMODES",
)
DIRECTORY, CONFIG, GHOST = 0o040000, 1, 64
NORMAL, NETSHARED = "0", "3"


@pytest.fixture(params=["bdb", "sqlite", "ndb"])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=SAMPLES)
def sample(request: pytest.FixtureRequest, centos: Path) -> Path:
    """One of the databases of CentOS, in Berkeley DB."""
    return centos / str(request.param)


@pytest.fixture
def root(sample: Path, backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A root with that database in each of the formats."""
    copy = tmp_path / sample.name
    shutil.copytree(sample, copy)
    if backend == "sqlite":
        to_sqlite(copy)
    if backend == "ndb":
        to_ndb(copy, request.getfixturevalue("trixie"))
    return root_with(tmp_path / "root", copy)


def take(root: Path, proc: str | None = None) -> list[Package | Gap]:
    host = open_host(str(root), proc)
    return list(collector.packages(host, Asked(distribution(host.root)[0], True, True)))


def listed(root: Path) -> dict[str, Package]:
    """Give the packages by their keys, of which none comes twice; there must be no gap."""
    records = take(root)
    assert [record for record in records if isinstance(record, Gap)] == []
    by_key = {record.key: record for record in records}
    assert len(by_key) == len(records)
    return by_key


def versions(root: Path) -> dict[str, str]:
    return {key: record.version for key, record in listed(root).items()}


def test_a_real_database_of_any_format_has_what_rpm_says(root: Path, sample: Path) -> None:
    assert sorted(map(facts, listed(root).values())) == sorted(answers(sample))


def test_the_files_of_a_real_database_of_any_format_are_those_that_rpm_says(root: Path, sample: Path) -> None:
    host = open_host(str(root))
    told = query(sample, FILE_TAGS, each_file=True)
    there = [line for line in told if line[7] in (NORMAL, NETSHARED) and int(line[8]) & 0o170000 != DIRECTORY]
    names = {key: record.name for key, record in listed(root).items()}
    owned = [(names[part.owner], path) for part in collector.owned(host.root) for path in part.paths]
    assert sorted(owned) == sorted((line[0], line[4]) for line in there)
    shipped = [
        (names[f.owner], f.path, (f.digest or ":").split(":")[1], f.configuration) for f in collector.shipped(host.root)
    ]
    assert sorted(shipped) == sorted(
        (line[0], line[4], line[5], bool(int(line[6]) & CONFIG)) for line in there if not int(line[6]) & GHOST
    )


def facts(record: Package) -> tuple[str | None, ...]:
    epoch = str(record.epoch) if ":" in (record.version or "") else None
    source = f"{record.source_name}-{record.source_version}.src.rpm"
    return tuple(
        text or "(none)"
        for text in (
            record.name,
            epoch,
            record.upstream_version,
            record.revision,
            record.architecture,
            source,
            record.vendor,
            record.category,
            record.modularity_label,
            str(record.installed_at),
            record.signing_key,
        )
    )


def answers(database: Path) -> Iterator[tuple[str, ...]]:
    """Give what rpm says of every package but public keys, with the id of the key that signed it last."""
    for line in query(database, (*TAGS, *SIGNATURES)):
        if line[0] != "gpg-pubkey":
            keys = re.findall(r"Key ID ([0-9a-f]{16})", " ".join(line[len(TAGS) :]))
            yield (*line[: len(TAGS)], keys[0] if keys else "(none)")
