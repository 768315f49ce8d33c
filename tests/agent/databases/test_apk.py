"""The databases here are written from the format's description (see tests/hosts/apk.py); no real one is at hand."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from agent.databases import Shipped, apk
from agent.host.errors import Unsettled
from agent.host.root import HostRoot
from agent.model.records import Gap, Package
from tests.hosts.apk import INSTALLED, entry, listing
from tests.hosts.trees import gaps, listed, plant, take_packages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OS_RELEASE = {"etc/os-release": b"ID=alpine\nVERSION_ID=3.20.1\n"}
FILES = listing({"bin/tea": b"tea", "etc/tea.conf": b"conf", "etc/init.d/tea": b"init"})


def test_a_package_is_told_in_full(tmp_path: Path) -> None:
    more = "D:so:libc.musl-x86_64.so.1\np:so:libtea.so.1=1.2.3 cmd:Tea=1.2.3-r4\ns:edge\n"
    plant(tmp_path, {**OS_RELEASE, INSTALLED: entry("libTea", origin="tea", license="MIT", more=more, files=FILES)})
    [record] = take_packages(tmp_path)
    assert record == Package(
        manager="apk",
        name="libTea",
        version="1.2.3-r4",
        epoch=0,
        upstream_version="1.2.3",
        revision="r4",
        architecture="x86_64",
        source_name="tea",
        source_version="1.2.3-r4",
        category=None,
        status="installed",
        selection=None,
        origin=None,
        vendor=None,
        purl="pkg:apk/alpine/libtea@1.2.3-r4?arch=x86_64&distro=alpine-3.20.1",
        location="/lib/apk/db/installed",
        installed_at=None,
        license="MIT",
        license_form=record.license_form,
        repository="@edge",
        provides=("so:libtea.so.1=1.2.3", "cmd:Tea=1.2.3-r4"),
    )


@pytest.mark.parametrize(
    ("flags", "status"),
    [
        ("f", "half-installed"),
        ("fs", "half-installed"),
        ("s", "half-configured"),
        ("x", "installed"),
        ("S", "installed"),
    ],
)
def test_what_apk_marks_as_broken_is_half_installed(tmp_path: Path, flags: str, status: str) -> None:
    plant(tmp_path, {INSTALLED: entry("tea", more=f"f:{flags}\n")})
    assert listed(take_packages(tmp_path))["tea"].status == status


def test_a_virtual_package_is_listed(tmp_path: Path) -> None:
    """As apk add --virtual .build-deps makes it: a version without a build, no origin, no files."""
    virtual = b"C:Q1p78yvTLG094tHE1+dToJGbmYzQE=\nP:.build-deps\nV:20240226.144023\nA:noarch\nS:0\nI:0\nT:virtual meta package\nU:\nL:\nD:gcc\n\n"
    plant(tmp_path, {INSTALLED: virtual})
    package = listed(take_packages(tmp_path))[".build-deps"]
    assert (package.upstream_version, package.revision, package.source_name) == ("20240226.144023", None, ".build-deps")
    assert (package.license, package.license_form) == (None, None)


def test_an_odd_version_is_reported_whole_and_its_parts_are_unknown(tmp_path: Path) -> None:
    plant(tmp_path, {INSTALLED: entry("tea", "v1_x")})
    package = listed(take_packages(tmp_path))["tea"]
    assert (package.version, package.upstream_version, package.revision) == ("v1_x", None, None)


def test_a_database_below_usr_is_read(tmp_path: Path) -> None:
    plant(tmp_path, {f"usr/{INSTALLED}": entry("tea")})
    assert listed(take_packages(tmp_path))["tea"].location == "/usr/lib/apk/db/installed"


def test_a_database_with_two_paths_is_read_once(tmp_path: Path) -> None:
    plant(tmp_path, {f"usr/{INSTALLED}": entry("tea")})
    (tmp_path / "lib").symlink_to("usr/lib")
    [record] = take_packages(tmp_path)
    assert isinstance(record, Package)


def test_of_two_databases_the_one_below_usr_counts(tmp_path: Path) -> None:
    plant(tmp_path, {f"usr/{INSTALLED}": entry("tea", "2-r0"), INSTALLED: entry("tea", "1-r0") + entry("pot")})
    assert {name: found.version for name, found in listed(take_packages(tmp_path)).items()} == {
        "tea": "2-r0",
        "pot": "1.2.3-r4",
    }


def test_a_broken_entry_is_a_gap_for_itself_alone(tmp_path: Path) -> None:
    plant(tmp_path, {INSTALLED: entry("a") + entry("b", more="\0\xff garbage\n") + entry("c")})
    records = take_packages(tmp_path)
    assert set(listed(records)) == {"a", "c"}
    assert [(each.subject, each.reason, each.hides) for each in gaps(records)] == [("apk/b:", "malformed", "apk/b:")]


def test_entries_without_a_name_are_one_gap(tmp_path: Path) -> None:
    plant(tmp_path, {INSTALLED: b"V:1\n\n" + entry("a") + b"V:2\n\n"})
    records = take_packages(tmp_path)
    assert set(listed(records)) == {"a"}
    assert [each.hides for each in gaps(records)] == ["apk/"]


def test_a_package_without_a_version_is_told_with_a_gap(tmp_path: Path) -> None:
    plant(tmp_path, {INSTALLED: b"P:a\nA:x86_64\n\n"})
    package, missing = take_packages(tmp_path)
    assert isinstance(package, Package)
    assert isinstance(missing, Gap)
    assert (package.version, package.epoch, package.purl, missing.subject, missing.hides) == (
        None,
        None,
        None,
        package.key,
        None,
    )


def test_a_database_that_was_cut_off_hides_packages(tmp_path: Path) -> None:
    plant(tmp_path, {INSTALLED: entry("a") + entry("b")[:-1]})
    records = take_packages(tmp_path)
    assert set(listed(records)) == {"a", "b"}
    assert [(each.reason, each.hides) for each in gaps(records)] == [("malformed", "apk/")]


def test_a_database_that_was_deleted_is_a_gap_where_its_neighbours_are_left(tmp_path: Path) -> None:
    plant(tmp_path, {"lib/apk/db/scripts.tar": b""})
    [record] = take_packages(tmp_path)
    assert isinstance(record, Gap)
    assert (record.subject, record.reason, record.hides) == ("/lib/apk/db/installed", "absent", "apk/")


def test_a_fifo_in_its_place_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "lib/apk/db").mkdir(parents=True)
    os.mkfifo(tmp_path / INSTALLED)
    [record] = take_packages(tmp_path)
    assert isinstance(record, Gap)
    assert (record.reason, record.hides) == ("not_a_file", "apk/")


@pytest.mark.parametrize("lock", ["run/apk/db.lock", "lib/apk/db/lock"])
def test_a_transaction_under_way_is_unsettled(tmp_path: Path, lock: str) -> None:
    plant(tmp_path, {INSTALLED: entry("a"), lock: b""})
    with held(tmp_path / lock), pytest.raises(Unsettled, match="apk is at work"):
        take_packages(tmp_path, "/proc")
    assert set(listed(take_packages(tmp_path, "/proc"))) == {"a"}


def test_a_database_that_is_replaced_while_it_is_read_is_not_mixed(tmp_path: Path) -> None:
    plant(tmp_path, {INSTALLED: b"".join(entry(f"p{number}", "1-r0") for number in range(5000))})
    new = b"".join(entry(f"p{number}", "2-r0") for number in range(5000))
    versions = set()
    for package in apk.packages(*asked(tmp_path)):
        assert isinstance(package, Package)
        if not versions:
            plant(tmp_path, {"new": new})
            os.rename(tmp_path / "new", tmp_path / INSTALLED)
        versions.add(package.version)
    assert versions == {"1-r0"}


def test_files_are_owned_by_their_package(tmp_path: Path) -> None:
    plant(tmp_path, {INSTALLED: entry("tea", files=FILES) + entry("meta")})
    found = {each.owner: list(each.paths) for each in apk.owned(HostRoot(str(tmp_path))) if not isinstance(each, Gap)}
    assert found == {"apk/tea:x86_64": ["/bin/tea", "/etc/tea.conf", "/etc/init.d/tea"], "apk/meta:x86_64": []}


def test_files_are_told_as_they_were_shipped(tmp_path: Path) -> None:
    plant(tmp_path, {INSTALLED: entry("tea", files=FILES)})
    assert list(apk.shipped(HostRoot(str(tmp_path)))) == [
        Shipped("/bin/tea", "apk/tea:x86_64", f"sha1:{hashlib.sha1(b'tea').hexdigest()}", False),
        Shipped("/etc/tea.conf", "apk/tea:x86_64", f"sha1:{hashlib.sha1(b'conf').hexdigest()}", True),
        Shipped("/etc/init.d/tea", "apk/tea:x86_64", f"sha1:{hashlib.sha1(b'init').hexdigest()}", False),
        *(Shipped(path, "apk/tea:x86_64", None, False) for path in ("/bin", "/etc", "/etc/init.d")),
    ]


def test_files_of_a_database_that_cannot_be_read_are_a_gap_that_hides_their_owners(tmp_path: Path) -> None:
    (tmp_path / INSTALLED).mkdir(parents=True)
    [owned] = apk.owned(HostRoot(str(tmp_path)))
    [shipped] = apk.shipped(HostRoot(str(tmp_path)))
    assert isinstance(owned, Gap)
    assert isinstance(shipped, Gap)
    assert (owned.reason, owned.hides) == ("not_a_file", None)
    assert (shipped.reason, shipped.hides) == ("not_a_file", "/")


def test_files_of_an_entry_without_a_name_are_a_gap_that_hides_their_owners(tmp_path: Path) -> None:
    plant(tmp_path, {INSTALLED: entry("", files=listing({"usr/bin/x": b""}))})
    [gap] = apk.shipped(HostRoot(str(tmp_path)))
    assert isinstance(gap, Gap)
    assert (gap.reason, gap.hides) == ("malformed", "/")


def asked(root: Path) -> tuple[object, ...]:
    from agent.databases import Asked
    from agent.databases.distribution import UNKNOWN
    from agent.host import open_host

    return open_host(str(root)), Asked(UNKNOWN, True, True)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Have another process hold a lock on a file as apk does."""
    program = (
        "import fcntl, sys; f = open(sys.argv[1], 'r+'); fcntl.flock(f, fcntl.LOCK_EX); print(flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdin and other.stdout
        other.stdout.readline()
        try:
            yield
        finally:
            other.stdin.write(b"\n")
