from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.collectors.integrity.runs import Runs
from agent.collectors.integrity.shipped import Shipments
from agent.collectors.integrity.verdict import Candidate
from agent.databases import Shipped, dpkg
from agent.host import open_host
from agent.host.errors import Unsettled
from agent.model.codec import dumps
from agent.model.records import Gap
from tests.hosts.trees import STATUS, plant, stanza

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from agent.host import Host
    from agent.host.root import HostRoot

HOST = open_host()
PATHS = st.text('/ab !"#\\x5c\n\t\u00e9\U0001f600\udc80\udcff', max_size=12).map(lambda text: f"/{text}")


class Listing:
    """A package database that ships what it is given; an exception among it is raised."""

    NAME = "listing"
    READS = ()
    STATE = ()

    def __init__(self, *given: Shipped | Gap | Exception) -> None:
        self._given = given

    def shipped(self, root: HostRoot) -> Iterator[Shipped | Gap]:
        for each in self._given:
            if isinstance(each, Exception):
                raise each
            yield each

    def at_work(self, host: Host) -> bool:
        return False


def file(path: str, owner: str = "a", digest: str | None = "md5:1", configuration: bool = False) -> Shipped:
    return Shipped(path, owner, digest, configuration)


def asked(root: Path | str, paths: Iterable[str], *listings: Listing) -> dict[str, list[str]]:
    """Give the owners of paths, which are asked for in the order of their keys."""
    with Shipments(open_host(str(root)), listings, None, print) as shipments:
        keys = sorted((dumps(path), path) for path in paths)
        return {path: [candidate.owner for candidate in shipments.at(key)] for key, path in keys}


def judged(*given: Shipped | Gap | Exception, path: str = "/x", all_seen: bool = True) -> tuple[object, list[Gap]]:
    gaps: list[Gap] = []
    with Shipments(HOST, [Listing(*given)], None, gaps.append, all_seen) as shipments:
        verdict, _ = shipments.verdict(shipments.at(dumps(path)), {"md5": "1"})
    return verdict, gaps


@given(st.lists(PATHS), st.lists(PATHS))
def test_every_path_is_found_by_its_key_whatever_its_name(shipped: list[str], others: list[str]) -> None:
    found = asked("/tmp", {*shipped, *others}, Listing(*map(file, shipped)))
    assert found == {path: ["a"] * shipped.count(path) for path in (*shipped, *others)}


@pytest.mark.parametrize("spill", [True, False])
def test_many_files_are_found_wherever_they_were_sorted(tmp_path: Path, spill: bool) -> None:
    count = 120_000
    shipped = (file(f"/usr/share/{number * 7919 % count}", f"p{number % 10}") for number in range(count))
    with Shipments(HOST, [Listing(*shipped)], str(tmp_path) if spill else None, print) as shipments:
        paths = sorted(dumps(f"/usr/share/{number}") for number in range(0, count, 7))
        assert all(len(shipments.at(path)) == 1 for path in paths)


def test_a_path_of_several_packages_has_all_of_them() -> None:
    listing = Listing(file("/x", "a", "md5:1"), file("/y", "a"), file("/x", "b", None, configuration=True))
    with Shipments(HOST, [listing], None, print) as shipments:
        assert shipments.at(b'"/x"') == (Candidate("a", "md5:1", False), Candidate("b", None, True))


def test_a_package_that_lists_a_file_with_and_without_a_digest_ships_the_one_with() -> None:
    assert asked("/", ["/x"], Listing(file("/x", "a", None), file("/x", "a"))) == {"/x": ["a"]}


def test_paths_are_those_that_merged_directories_lead_to(tmp_path: Path) -> None:
    plant(tmp_path, {"usr/bin/ls": b""})
    (tmp_path / "bin").symlink_to("usr/bin")
    assert asked(tmp_path, ["/bin/ls", "/usr/bin/ls"], Listing(file("/bin/ls"))) == {
        "/bin/ls": [],
        "/usr/bin/ls": ["a"],
    }


def test_what_nobody_ships_is_unowned() -> None:
    assert judged(file("/y")) == ("unowned", [])


@pytest.mark.parametrize("all_seen", [True, False])
def test_without_a_database_that_lists_anything_nothing_is_said_to_be_unowned(all_seen: bool) -> None:
    assert judged(all_seen=all_seen) == (None, [])


def test_while_a_database_could_not_be_looked_for_nothing_is_said_to_be_unowned() -> None:
    assert judged(file("/y"), all_seen=False) == (None, [])
    assert judged(file("/x"), all_seen=False) == ("packaged", [])


def test_while_owners_are_missing_nothing_is_said_to_be_unowned_and_the_gap_hides_no_record() -> None:
    assert judged(file("/y"), Gap("s", "absent", "d", "/")) == (None, [Gap("s", "absent", "d", None)])


def test_where_only_digests_are_missing_what_nobody_ships_is_unowned() -> None:
    missing = Gap("s", "absent", "d", None)
    assert judged(file("/y"), missing) == ("unowned", [missing])


def test_a_database_that_changes_while_it_is_read_makes_verdicts_wait() -> None:
    assert judged(file("/x", digest="md5:2"), Unsettled("at work")) == ("pending", [])


def test_a_database_that_cannot_be_read_on_is_a_gap() -> None:
    verdict, [gap] = judged(file("/y"), OSError(5, "Input/output error"))
    assert (verdict, gap.reason, gap.hides) == (None, "io_error", None)


def test_a_root_is_read_when_the_first_path_is_asked_for(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: stanza("a"), "var/lib/dpkg/info/a.list": b"/usr\n/usr/x\n"})
    seen: list[str] = []
    with Shipments(open_host(str(tmp_path), observe=seen.append), [dpkg], None, print) as shipments:
        assert shipments.verdict((), {})[0] != "pending"
        assert seen == []
        assert shipments.at(b'"/usr/x"') == (Candidate("dpkg/a:amd64", None, False),)
        assert seen != []


def test_a_folder_that_takes_no_files_is_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.collectors.integrity.shipped.Runs", lambda folder: Runs(folder, 1))
    gaps: list[Gap] = []
    with Shipments(HOST, [Listing(file("/x"))], os.fspath(tmp_path / "missing"), gaps.append) as shipments:
        assert shipments.verdict(shipments.at(b'"/w"'), {}) == (None, None)
    assert [gap.reason for gap in gaps] == ["absent"]
