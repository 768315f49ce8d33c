from __future__ import annotations

import json
import os
import shutil
from fnmatch import translate
from pathlib import Path
from re import fullmatch

import pytest

from agent.collectors.packages import SPEC
from agent.databases import MARKS
from agent.model.codec import as_line, dumps, encode
from agent.model.records import Gap, Package
from tests.hosts.trees import STATUS, gaps, listed, plant, stanza, take_packages, take_packages_as_nobody

TESTS = Path(__file__).parents[3]
GOLDEN = TESTS / "golden" / "packages.ndjson"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A root with a stanza of every kind, and all its packages unpacked at one known time."""
    root = tmp_path / "debian-small"
    shutil.copytree(TESTS / "hosts" / "debian-small", root)
    for path in (root / "var/lib/dpkg/info").iterdir():
        os.utime(path, (1700000000, 1700000000))
    return root


def test_a_small_root_gives_the_golden_records(small: Path) -> None:
    """With UPDATE_GOLDEN in the environment the file is written instead; look at what has changed."""
    lines = {record.key: dumps(json.loads(as_line(record, "packages"))) + b"\n" for record in take_packages(small)}
    found = b"".join(lines[key] for key in sorted(lines))
    if "UPDATE_GOLDEN" in os.environ:
        GOLDEN.write_bytes(found)
    assert found == GOLDEN.read_bytes()


def test_every_read_is_declared(small: Path) -> None:
    seen: list[str] = []
    take_packages(small, "/proc", seen.append)
    assert f"/{STATUS}" in seen
    assert [path for path in seen if not declared(path)] == []


def test_a_root_without_any_package_database_is_a_gap_that_hides_everything(tmp_path: Path) -> None:
    [record] = take_packages(tmp_path)
    assert isinstance(record, Gap)
    assert (record.subject, record.reason, record.hides) == ("package databases", "absent", "")


def test_a_database_that_cannot_be_looked_for_is_no_absent_one(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: stanza("a")})
    (tmp_path / "var/lib").chmod(0)
    found = {record.subject: record for record in gaps(take_packages_as_nobody(tmp_path))}
    assert (found["dpkg database"].reason, found["dpkg database"].hides) == ("denied", "dpkg/")
    assert (found["apt lists"].reason, found["apt lists"].hides) == ("denied", "repository/dpkg/")


def test_the_distribution_qualifies_package_urls(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: stanza("a"), "usr/lib/os-release": b"ID=ubuntu\nVERSION_ID='24.04'\n"})
    assert listed(take_packages(tmp_path))["a"].purl == "pkg:deb/ubuntu/a@1.0-1?arch=amd64&distro=ubuntu-24.04"


def test_os_release_in_etc_comes_first(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: stanza("a"), "usr/lib/os-release": b"ID=debian\n", "etc/os-release": b"ID=kali\n"})
    assert listed(take_packages(tmp_path))["a"].purl == "pkg:deb/kali/a@1.0-1?arch=amd64&distro=kali"


def test_a_rolling_release_is_named_by_its_codename(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: stanza("a"), "etc/os-release": b"ID=debian\nVERSION_CODENAME=sid\n"})
    assert listed(take_packages(tmp_path))["a"].purl == "pkg:deb/debian/a@1.0-1?arch=amd64&distro=debian-sid"


def test_without_os_release_package_urls_name_no_distribution_and_nothing_is_missing(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: stanza("a")})
    records = take_packages(tmp_path)
    assert gaps(records) == []
    assert listed(records)["a"].purl == "pkg:deb/a@1.0-1?arch=amd64"


@pytest.mark.parametrize("content", [b"x" * 100_000, None], ids=["too long", "a directory"])
def test_an_os_release_that_cannot_be_read_is_a_gap_that_hides_no_package(
    tmp_path: Path, content: bytes | None
) -> None:
    plant(tmp_path, {STATUS: stanza("a"), "usr/lib/os-release": b"ID=debian\n"})
    if content:
        plant(tmp_path, {"etc/os-release": content})
    else:
        (tmp_path / "etc/os-release").mkdir(parents=True)
    records = take_packages(tmp_path)
    assert [(found.subject, found.hides) for found in gaps(records)] == [("/etc/os-release", None)]
    assert list(listed(records)) == ["a"]


def test_every_package_has_the_key_prefix_that_its_databases_gaps_hide(small: Path) -> None:
    packages = [record for record in take_packages(small) if isinstance(record, Package)]
    assert packages
    assert {package.manager for package in packages} <= set(MARKS)
    assert all(package.key.startswith(f"{package.manager}/") for package in packages)


def test_every_record_can_be_written(small: Path) -> None:
    assert all(encode(record).stable for record in take_packages(small))


def declared(path: str) -> bool:
    """Tell whether a path matches a glob of SPEC.reads component by component."""
    parts = path.split("/")
    return any(
        len(parts) == len(globs) and all(map(fullmatch, map(translate, globs), parts))
        for globs in (pattern.split("/") for pattern in SPEC.reads())
    )
