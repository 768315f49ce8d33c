"""An amended snapshot is the one that would have been written whole, and nothing is written where nothing differs."""

from __future__ import annotations

import os
from dataclasses import replace
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.delivery.last import LastSnapshot
from agent.delivery.reading import CURRENT, check, read_snapshot
from agent.delivery.store import write_snapshot
from agent.model.records import Address, FileWatch, Gap, Record
from agent.model.spec import Gone, Unchanged

HOLDS = Unchanged("")


def address(number: int, prefix: int = 24, interface: str = "eth0") -> Address:
    return Address(interface, f"10.0.{number // 256}.{number % 256}", prefix, "private")


def gap(subject: str, hides: str | None) -> Gap:
    return Gap(subject, "denied", "Permission denied", hides)


def watch(since: int) -> FileWatch:
    return FileWatch("watching", "file_systems", None, since, 0)


def lines(folder: str) -> list[bytes]:
    return list(LastSnapshot(folder).lines())


def identity(folder: str) -> tuple[int, int]:
    status = os.stat(os.path.join(folder, CURRENT))
    return status.st_ino, status.st_mtime_ns


@pytest.fixture
def folder(tmp_path) -> str:
    return str(tmp_path)


KEYS = st.integers(0, 40)
WIDE = st.sampled_from(["eth0", "e" * 300, "eth\udcff"])
ADDRESSES = st.builds(address, KEYS, st.integers(8, 32), WIDE)
GAPS = st.builds(gap, st.sampled_from("abc"), st.sampled_from([None, "x", "y"]))
RECORDS = st.lists(ADDRESSES | GAPS, max_size=60)


@given(RECORDS, RECORDS, st.lists(KEYS.map(lambda n: address(n).key) | st.sampled_from(["gap:a", "gap:b", "none"])))
@settings(max_examples=200, deadline=None)
def test_an_amended_snapshot_is_that_which_is_written_whole(before, changes, gone):
    records = {record.key: record for record in before}
    for key in gone:
        records.pop(key, None)
    records.update((record.key, record) for record in changes)
    with TemporaryDirectory() as folder, TemporaryDirectory() as other:
        write_snapshot(folder, "host", 1, {record.key: record for record in before}.values())
        said = [*map(Gone, gone), *changes] if len(before) % 2 else [*changes, *map(Gone, gone)]
        amended = write_snapshot(folder, "host", 1, [HOLDS, *said], 500).footer
        whole = write_snapshot(other, "host", 1, records.values()).footer
        given = {record.hides for record in changes if isinstance(record, Gap)}
        assert amended == replace(whole, hides=amended.hides)
        assert set(whole.hides) <= set(amended.hides) <= {*whole.hides, *given}
        assert lines(folder) == lines(other)
        assert check(os.path.join(folder, CURRENT)) == amended
        assert [name for name in os.listdir(folder) if name != CURRENT] == []


@given(st.lists(st.integers(0, 5000), unique=True), st.integers(0, 60_000))
@settings(max_examples=30, deadline=None)
def test_lines_are_found_wherever_they_are_in_a_file_of_many_blocks(touched, width):
    with TemporaryDirectory() as folder:
        long = address(2500, interface="e" * width)
        many = [long if number == 2500 else address(number) for number in range(0, 5000, 2)]
        write_snapshot(folder, "host", 1, many)
        changes = [address(number, 8) for number in touched]
        footer = write_snapshot(folder, "host", 1, [HOLDS, *changes]).footer
        amended = lines(folder)
        records = {record.key: record for record in [*many, *changes]}.values()
        assert write_snapshot(folder, "host", 1, records).footer == footer
        assert lines(folder) == amended
        for number in (0, 2499, 2500, 4998, *touched):
            key = address(number).key
            found = list(LastSnapshot(folder).records(key))
            assert found == sorted((r for r in records if r.key.startswith(key)), key=lambda r: f'{r.key}"')


def test_nothing_is_written_when_all_holds(folder):
    before = write_snapshot(folder, "host", 1, [address(1), gap("/proc", "address:")]).footer
    known = identity(folder)
    for said in ([], [address(1)], [Gone("none")], [gap("/proc", "address:")], [Gone("gap:/sys"), address(1)]):
        assert write_snapshot(folder, "host", 2, [*said, HOLDS]) == (before, False)
        assert identity(folder) == known


def test_a_volatile_field_alone_is_written_and_is_nothing_to_deliver(folder):
    write_snapshot(folder, "integrity", 1, [address(1), watch(7)])
    committed = write_snapshot(folder, "integrity", 2, [HOLDS, watch(9)])
    assert (committed.changed, committed.footer.taken_at) == (False, 2)
    assert list(LastSnapshot(folder).records()) == [address(1), watch(9)]


def test_a_record_that_is_given_counts_more_than_that_it_is_gone(folder):
    write_snapshot(folder, "host", 1, [address(1)])
    for said in ([Gone(address(1).key), address(1, 8)], [address(1, 9), Gone(address(1).key)]):
        write_snapshot(folder, "host", 2, [HOLDS, *said])
        assert list(LastSnapshot(folder).records()) == [record for record in said if isinstance(record, Address)]


def test_of_equal_keys_the_later_record_counts(folder):
    write_snapshot(folder, "host", 1, [address(1)])
    write_snapshot(folder, "host", 2, [HOLDS, address(1, 8), address(2, 8), address(2, 9), address(1, 9)])
    assert list(LastSnapshot(folder).records()) == [address(1, 9), address(2, 9)]


def test_what_a_gap_hides_does_not_go_and_goes_when_the_gap_does(folder):
    hiding = gap("/etc", "address:10.0.0.1")
    write_snapshot(folder, "host", 1, [address(1), address(2)])
    said: list[Record | Gone | Unchanged] = [HOLDS, Gone(address(1).key), Gone(address(2).key)]
    footer = write_snapshot(folder, "host", 2, [*said, hiding]).footer
    assert (footer.status, footer.count, footer.hides) == ("partial", 2, ("address:10.0.0.1",))
    assert not write_snapshot(folder, "host", 3, said).changed
    footer = write_snapshot(folder, "host", 4, [*said, Gone(hiding.key)]).footer
    assert (footer.status, footer.count, footer.gaps, footer.hides) == ("complete", 0, 0, ())


def test_gaps_that_stay_hide_what_they_hid_beside_those_that_come(folder):
    write_snapshot(folder, "host", 1, [gap("/a", "a:"), gap("/b", "b:"), gap("/c", None), address(1)])
    footer = write_snapshot(folder, "host", 2, [HOLDS, gap("/bb", "d:"), Gone("gap:/a")]).footer
    assert (footer.status, footer.gaps, footer.hides) == ("partial", 3, (None, "b:", "d:"))
    footer = write_snapshot(folder, "host", 3, [HOLDS, address(2)]).footer
    assert (footer.gaps, footer.hides) == (3, (None, "b:", "d:"))


def test_a_record_is_not_gone_where_nothing_is_said_of_the_others(folder):
    write_snapshot(folder, "host", 1, [address(1)])
    for said in ([Gone("a")], [Unchanged("address:"), Gone("a")]):
        with pytest.raises(ValueError, match="the others"):
            write_snapshot(folder, "host", 2, said)
    assert os.listdir(folder) == [CURRENT]


@pytest.mark.parametrize("said", [[], [address(2)], [Gone("a")]])
@pytest.mark.parametrize("position", [10, 120, -60])
def test_a_damaged_snapshot_is_set_aside_and_cannot_hold(folder, said, position):
    path = os.path.join(folder, CURRENT)
    write_snapshot(folder, "host", 1, [address(1)])
    with open(path, "r+b") as file:
        file.seek(position, os.SEEK_END if position < 0 else os.SEEK_SET)
        byte = file.read(1)[0]
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte ^ 1]))
    last = LastSnapshot(folder)
    assert (last.footer, list(last.lines()), list(last.records())) == (None, [], [])
    with pytest.raises(OSError, match="of which parts hold"):
        write_snapshot(folder, "host", 2, [HOLDS, *said])
    assert os.listdir(folder) == [CURRENT + ".corrupt"]


def test_stored_lines_are_given_as_they_are_stored(folder):
    write_snapshot(folder, "host", 1, [address(number) for number in range(3000)])
    with open(os.path.join(folder, CURRENT), "rb") as file:
        assert lines(folder) == file.readlines()[1:-1]
    assert len(list(read_snapshot(os.path.join(folder, CURRENT)))) == 3000
