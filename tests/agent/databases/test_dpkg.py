from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
from contextlib import contextmanager
from fnmatch import fnmatchcase
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agent.databases import Asked
from agent.databases import dpkg as dpkg_database
from agent.databases.distribution import UNKNOWN
from agent.host import open_host
from agent.host.errors import Unsettled
from agent.model.records import Package
from tests.hosts.debian import SUITES, build, dpkg, query
from tests.hosts.trees import STATUS, gaps, listed, plant, replace, stanza, take_packages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHECKOUT = Path(__file__).parents[4]
EVERYTHING = Asked(UNKNOWN, True, True)
FIELDS = "db:Status-Status|Package|Version|Architecture|source:Package|source:Version|Section|Origin|db:Status-Want"
TRANSITIONAL = ("unpacked", "half-installed", "half-configured", "triggers-awaited", "triggers-pending")
needs_dpkg = pytest.mark.skipif(not shutil.which("dpkg-query"), reason="dpkg is not installed")


@needs_dpkg
def test_this_machine_has_what_dpkg_query_says() -> None:
    assert facts(take_packages("/")) == answers(None)


@needs_dpkg
def test_every_release_of_debian_has_what_dpkg_query_says(release: Path) -> None:
    records = take_packages(release)
    assert gaps(records) == []
    assert facts(records) == answers(release)
    libc6 = listed(records)["libc6"]
    assert (
        libc6.purl
        == f"pkg:deb/debian/libc6@{libc6.version.replace('+', '%2B')}?arch=amd64&distro={SUITES[release.name]}"
    )


@needs_dpkg
def test_all_that_is_read_is_declared(release: Path) -> None:
    seen: list[str] = []
    host = open_host(str(release), observe=seen.append)
    for read in (
        dpkg_database.packages(host, EVERYTHING),
        dpkg_database.owned(host.root),
        dpkg_database.shipped(host.root),
    ):
        assert list(read)
    assert [path for path in seen if not declared(path)] == []


def test_nothing_is_loaded_for_what_was_not_asked_for(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: stanza("a")})
    program = """
import sys
from agent.databases import dpkg
from agent.databases import Asked
from agent.databases.distribution import UNKNOWN
from agent.host import open_host
assert list(dpkg.packages(open_host(sys.argv[1]), Asked(UNKNOWN, False, False)))
print([name for name in sys.modules if any(word in name for word in ("apt_", "copyright", "dep5", "license", "spdx", "dpkg_files"))])
"""
    command = [sys.executable, "-c", program, tmp_path]
    assert subprocess.run(command, capture_output=True, text=True, check=True, cwd=CHECKOUT).stdout == "[]\n"


@needs_dpkg
def test_a_package_is_followed_through_installation_removal_and_purge(debian: Path, tmp_path: Path) -> None:
    package = build(tmp_path, "tea", "1:2.0-3+b1", "Source: kettle (1:2.0-3)\nSection: misc\nOrigin: Acme\n")
    dpkg(debian, "-i", package)
    installed = listed(take_packages(debian))["tea"]
    lists = debian / "var/lib/dpkg/info/tea.list"
    assert installed == Package(
        manager="dpkg",
        name="tea",
        version="1:2.0-3+b1",
        epoch=1,
        upstream_version="2.0",
        revision="3+b1",
        architecture="all",
        source_name="kettle",
        source_version="1:2.0-3",
        category="misc",
        status="installed",
        selection="install",
        origin="Acme",
        vendor=None,
        purl="pkg:deb/debian/tea@1:2.0-3%2Bb1?arch=all&distro=debian-12",
        location="/var/lib/dpkg/status",
        installed_at=int(lists.stat().st_mtime),
        provenance="third_party",
    )
    dpkg(debian, "-r", "tea")
    removed = listed(take_packages(debian))["tea"]
    assert (removed.status, removed.selection, removed.installed_at) == ("config-files", "deinstall", None)
    dpkg(debian, "-P", "tea")
    assert "tea" not in listed(take_packages(debian))


@needs_dpkg
def test_a_package_whose_configuration_failed_is_half_configured(debian: Path, tmp_path: Path) -> None:
    result = dpkg(debian, "-i", build(tmp_path, "sad", "1", scripts={"postinst": "exit 1"}))
    assert result.returncode
    assert listed(take_packages(debian, proc="/proc"))["sad"].status == "half-configured"


@needs_dpkg
def test_a_package_that_exists_for_several_architectures_has_its_own_list(debian: Path, tmp_path: Path) -> None:
    dpkg(debian, "-i", build(tmp_path, "libtea", "1", "Multi-Arch: same\nArchitecture: amd64\n"))
    os.utime(debian / "var/lib/dpkg/info/libtea:amd64.list", (1, 1600000000))
    assert listed(take_packages(debian))["libtea"].installed_at == 1600000000


@needs_dpkg
def test_what_dpkg_was_killed_over_is_read_from_its_journal(debian: Path, tmp_path: Path) -> None:
    """The status file still has all three as installed; only the journal knows better."""
    killer = {"postrm": 'if [ "$1" = purge ]; then kill -9 $PPID; fi'}
    same = "Multi-Arch: same\nArchitecture: amd64\n"
    built = [build(tmp_path, "one", "1", same), build(tmp_path, "two", "1"), build(tmp_path, "three", "1", "", killer)]
    dpkg(debian, "-i", *built)
    dpkg(debian, "-P", "one", "two", "three")
    assert b"Package: two" in (debian / STATUS).read_bytes()
    records = take_packages(debian, proc="/proc")
    assert facts(records) == answers(debian)
    assert {"one", "two"}.isdisjoint(listed(records))
    assert listed(records)["three"].status == "config-files"


@needs_dpkg
def test_dpkg_in_the_middle_of_an_installation_is_said_to_be_at_work(debian: Path, tmp_path: Path) -> None:
    package = build(tmp_path, "slow", "1", scripts={"postinst": "echo > /ready; read line < /go"})
    ready, go = fifo(debian / "ready"), fifo(debian / "go")
    with subprocess.Popen(["dpkg", f"--root={debian}", "-i", package], stdout=subprocess.DEVNULL) as installation:
        try:
            assert select.select([ready], [], [], 60)[0]
            with pytest.raises(Unsettled, match="dpkg is at work"):
                take_packages(debian, proc="/proc")
        finally:
            os.write(go, b"\n")
    assert installation.returncode == 0
    assert listed(take_packages(debian, proc="/proc"))["slow"].status == "installed"


def test_a_status_that_is_replaced_during_a_look_is_read_again(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: stanza("a", "1")})
    changes = iter([stanza("a", "2")])
    records = take_packages(tmp_path, observe=at_journal(tmp_path, changes))
    assert listed(records)["a"].version == "2"


def test_a_journal_that_grows_during_a_look_is_read_again(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: stanza("a", "1"), "var/lib/dpkg/updates/0000": stanza("a", "2")})

    def grow(path: str) -> None:
        if path.endswith("updates/0000"):
            plant(tmp_path, {"var/lib/dpkg/updates/0001": stanza("a", "3")})

    assert listed(take_packages(tmp_path, observe=grow))["a"].version == "3"


def test_a_status_that_is_replaced_during_every_look_is_unsettled(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: stanza("a", "1")})
    changes = (stanza("a", str(version)) for version in range(100))
    with pytest.raises(Unsettled, match="dpkg is at work"):
        take_packages(tmp_path, observe=at_journal(tmp_path, changes))


def test_a_transitional_state_that_has_passed_meanwhile_is_unsettled(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: stanza("a") * 2 + stanza("b", status="install ok unpacked"), "var/lib/dpkg/lock": b""})

    def finish(path: str) -> None:
        if path == "/proc/locks":
            replace(tmp_path, STATUS, stanza("a") + stanza("b"))

    with pytest.raises(Unsettled):
        take_packages(tmp_path, "/proc", finish)


@pytest.mark.parametrize("status", TRANSITIONAL)
def test_without_a_lock_a_transitional_state_is_a_fact(tmp_path: Path, status: str) -> None:
    plant(tmp_path, {STATUS: stanza("a", status=f"install ok {status}"), "var/lib/dpkg/lock": b""})
    records = take_packages(tmp_path, "/proc")
    assert (listed(records)["a"].status, gaps(records)) == (status, [])


@pytest.mark.parametrize("name", ["lock", "lock-frontend"])
@pytest.mark.parametrize("status", TRANSITIONAL)
def test_a_lock_and_a_transitional_state_together_are_unsettled(tmp_path: Path, name: str, status: str) -> None:
    plant(tmp_path, {STATUS: stanza("a", status=f"install ok {status}"), f"var/lib/dpkg/{name}": b""})
    with held(tmp_path / "var/lib/dpkg" / name), pytest.raises(Unsettled):
        take_packages(tmp_path, "/proc")


@pytest.mark.parametrize(
    ("status", "at_work"),
    [
        *((status, True) for status in ("unpacked", "half-installed", "half-configured")),
        *(
            (status, False)
            for status in ("installed", "config-files", "not-installed", "triggers-awaited", "triggers-pending")
        ),
    ],
)
def test_dpkg_is_at_work_while_the_files_of_a_package_are_not_all_in_place(
    tmp_path: Path, status: str, at_work: bool
) -> None:
    plant(tmp_path, {STATUS: stanza("b") + stanza("a", status=f"install ok {status}")})
    assert dpkg_database.at_work(open_host(str(tmp_path), "/proc")) is at_work


def test_dpkg_is_at_work_while_its_journal_has_entries(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: stanza("a"), "var/lib/dpkg/updates/0000": stanza("a", "2")})
    assert dpkg_database.at_work(open_host(str(tmp_path), "/proc"))


def test_a_lock_alone_changes_nothing(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: stanza("a"), "var/lib/dpkg/lock": b""})
    with held(tmp_path / "var/lib/dpkg/lock"):
        assert list(listed(take_packages(tmp_path, "/proc"))) == ["a"]


def test_a_lock_on_another_file_is_not_dpkgs(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: stanza("a", status="install ok unpacked"), "var/lib/dpkg/lock": b"", "other": b""})
    with held(tmp_path / "other"):
        assert list(listed(take_packages(tmp_path, "/proc"))) == ["a"]


def test_a_lock_for_reading_is_not_dpkgs(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: stanza("a", status="install ok unpacked"), "var/lib/dpkg/lock": b""})
    with held(tmp_path / "var/lib/dpkg/lock", "LOCK_SH"):
        assert list(listed(take_packages(tmp_path, "/proc"))) == ["a"]


def test_the_journal_is_applied_in_the_order_of_its_numbers_and_over_status(tmp_path: Path) -> None:
    updates = {
        "0000": stanza("a", "2"),
        "0001": stanza("new", "1") + stanza("gone", status="purge ok not-installed"),
        "0009": stanza("a", "3"),
        "0010": stanza("a", "4"),
        "tmp.i": stanza("a", "5"),
    }
    status = stanza("a") + stanza("b") + stanza("gone")
    plant(tmp_path, {STATUS: status, **{f"var/lib/dpkg/updates/{name}": text for name, text in updates.items()}})
    records = take_packages(tmp_path)
    assert {name: package.version for name, package in listed(records).items()} == {"a": "4", "b": "1.0-1", "new": "1"}
    assert len(records) == 3


def test_a_journal_that_changes_the_architecture_replaces_the_package(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: stanza("a"), "var/lib/dpkg/updates/0000": stanza("a", architecture="i386")})
    assert [package.key for package in take_packages(tmp_path)] == ["dpkg/a:i386"]


def test_the_journal_leaves_other_architectures_of_a_library_alone(tmp_path: Path) -> None:
    same = {"more": "Multi-Arch: same\n"}
    both = stanza("a", **same) + stanza("a", architecture="i386", **same)
    plant(tmp_path, {STATUS: both, "var/lib/dpkg/updates/0000": stanza("a", "2", architecture="i386", **same)})
    versions = {package.key: package.version for package in take_packages(tmp_path)}
    assert versions == {"dpkg/a:amd64": "1.0-1", "dpkg/a:i386": "2"}


def test_the_journal_leaves_a_library_alone_that_is_no_library_any_more_elsewhere(tmp_path: Path) -> None:
    status = stanza("a", architecture="i386", more="Multi-Arch: same\n")
    plant(tmp_path, {STATUS: status, "var/lib/dpkg/updates/0000": stanza("a")})
    assert {package.key for package in take_packages(tmp_path)} == {"dpkg/a:amd64", "dpkg/a:i386"}


def test_the_later_of_two_stanzas_of_one_package_comes_later(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: stanza("a", "1") + stanza("b") + stanza("a", "2")})
    assert listed(take_packages(tmp_path))["a"].version == "2"


def test_an_image_without_dpkg_lists_its_packages_in_status_d(tmp_path: Path) -> None:
    control = b"Package: tzdata\nVersion: 2024a-0+deb12u1\nArchitecture: all\nSource: tz (2024a)\nDescription: x"
    directory = "var/lib/dpkg/status.d"
    plant(tmp_path, {f"{directory}/tzdata": control, f"{directory}/tzdata.md5sums": b"0123 usr/share\n"})
    os.symlink("../../../../opt/base", tmp_path / directory / "base")
    plant(tmp_path, {"opt/base": b"Package: base-files\nVersion: 12\nArchitecture: amd64\n"})
    records = take_packages(tmp_path)
    assert gaps(records) == []
    found = listed(records)
    assert set(found) == {"tzdata", "base-files"}
    assert found["tzdata"].location == "/var/lib/dpkg/status.d/tzdata"
    assert (found["tzdata"].status, found["tzdata"].selection, found["tzdata"].source_name) == ("installed", None, "tz")


def test_a_package_in_both_places_counts_as_status_has_it(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: stanza("a", "2"), "var/lib/dpkg/status.d/a": stanza("a", "1")})
    assert listed(take_packages(tmp_path))["a"].version == "2"


def test_packages_that_are_not_installed_are_none(tmp_path: Path) -> None:
    selected = b"Package: a\nStatus: install ok not-installed\nArchitecture: amd64\n\n"
    plant(tmp_path, {STATUS: selected + stanza("b", status="unknown ok not-installed")})
    assert take_packages(tmp_path) == []


def test_a_first_installation_that_broke_off_may_lack_its_version(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: b"Package: a\nStatus: install reinstreq half-installed\nArchitecture: amd64\n\n"})
    records = take_packages(tmp_path)
    assert (listed(records)["a"].version, gaps(records)) == (None, [])


def test_an_odd_version_is_reported_whole_and_its_parts_are_unknown(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: stanza("a", "x:1_2")})
    package = listed(take_packages(tmp_path))["a"]
    assert (package.version, package.epoch, package.upstream_version, package.revision) == ("x:1_2", None, None, None)
    assert package.purl == "pkg:deb/a@x:1_2?arch=amd64"


def declared(path: str) -> bool:
    """Tell whether a path matches a glob of READS, of which a star matches no slash."""
    parts = path.split("/")
    return any(
        len(parts) == len(globs) and all(map(fnmatchcase, parts, globs))
        for globs in (pattern.split("/") for pattern in dpkg_database.READS)
    )


def fifo(path: Path) -> int:
    """Make a FIFO and open it both ways, so that neither side waits for the other."""
    os.mkfifo(path)
    return os.open(path, os.O_RDWR)


@contextmanager
def held(path: Path, kind: str = "LOCK_EX") -> Iterator[None]:
    """Have another process hold a lock on a file, for writing as dpkg does."""
    program = (
        f"import fcntl, sys; f = open(sys.argv[1], 'r+'); fcntl.lockf(f, fcntl.{kind}); print(flush=True); input()"
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


def at_journal(root: Path, contents: Iterator[bytes]) -> Callable[[str], None]:
    """Put a new status in place whenever the journal is opened, which is the second of three times it is seen."""
    seen = count(1)

    def change(path: str) -> None:
        if path == "/var/lib/dpkg/updates" and next(seen) % 3 == 2:
            for content in islice(contents, 1):
                replace(root, STATUS, content)

    return change


def facts(records: list[object]) -> set[tuple[object, ...]]:
    """Give what dpkg-query is asked for in FIELDS."""
    return {
        (
            package.status,
            package.name,
            package.version,
            package.architecture,
            package.source_name,
            package.source_version,
            package.category or "",
            package.origin or "",
            package.selection or "unknown",
        )
        for package in records
        if isinstance(package, Package)
    }


def answers(root: Path | None) -> set[tuple[object, ...]]:
    return {tuple(answer) for answer in query(root, FIELDS) if answer[0] != "not-installed"}
