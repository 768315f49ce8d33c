"""Snapshots are sorted, whole, and lose nothing that a gap may hide."""

from __future__ import annotations

import json
import os
import random
from dataclasses import dataclass, replace
from typing import ClassVar

import pytest

from agent.delivery import carry
from agent.delivery.last import LastSnapshot
from agent.delivery.reading import CURRENT, CorruptSnapshot, read_footer_of, read_snapshot
from agent.delivery.store import folder_of, write_snapshot
from agent.model.codec import encode
from agent.model.digest import SetDigest
from agent.model.records import Address, Gap, Record
from agent.model.snapshot import read_header
from agent.model.spec import Unchanged


def address(number: int, interface: str = "eth0") -> Address:
    return Address(interface, f"10.0.{number // 256}.{number % 256}", 24, "private")


def gap(subject: str, hides: str | None) -> Gap:
    return Gap(subject, "denied", "Permission denied", hides)


def keys(folder: str) -> list[str]:
    return [json.loads(line.key_json) for line in read_snapshot(os.path.join(folder, CURRENT))]


@pytest.fixture
def folder(tmp_path) -> str:
    return folder_of(str(tmp_path), "host")


def test_records_in_any_order_are_stored_in_the_order_of_their_keys(folder):
    shuffled = [address(number) for number in range(300)]
    random.Random(1).shuffle(shuffled)
    write_snapshot(folder, "host", 5, shuffled)
    lines = list(read_snapshot(os.path.join(folder, CURRENT)))
    assert [line.key_json for line in lines] == sorted(encode(record).key_json for record in shuffled)
    assert set(LastSnapshot(folder).records()) == set(shuffled)


@pytest.mark.parametrize("run_bytes", [1, 2000, 1 << 20])
def test_a_snapshot_is_the_same_whether_or_not_it_was_spilled_to_disk(folder, run_bytes):
    records = [address(number % 40, f"eth{number}") for number in range(200)]
    write_snapshot(folder, "host", 5, records, run_bytes)
    assert set(LastSnapshot(folder).records()) == set(records[-40:])
    assert os.listdir(folder) == [CURRENT]


def test_of_equal_keys_the_later_record_counts(folder):
    write_snapshot(folder, "host", 5, [address(1, "old"), address(1, "new")])
    assert list(LastSnapshot(folder).records()) == [address(1, "new")]


def test_the_footer_tells_status_counts_and_digest(folder):
    records: list[Record] = [address(1), gap("/b", "address:"), gap("/a", None)]
    footer = write_snapshot(folder, "host", 7, records).footer
    digest = SetDigest()
    for record in records:
        digest.add(encode(record).stable)
    assert (footer.status, footer.count, footer.gaps, footer.taken_at) == ("partial", 3, 2, 7)
    assert (footer.hides, footer.digest) == ((None, "address:"), digest.hex())
    assert read_footer_of(os.path.join(folder, CURRENT)) == footer


def test_the_header_names_the_section(folder):
    write_snapshot(folder, "host", 7, [])
    with open(os.path.join(folder, CURRENT), "rb") as file:
        header = read_header(file.readline())
    assert (header.section, header.taken_at) == ("host", 7)


def test_a_snapshot_changed_when_a_stable_field_did(folder):
    assert write_snapshot(folder, "host", 1, [address(1)]).changed
    assert not write_snapshot(folder, "host", 2, [address(1)]).changed
    assert write_snapshot(folder, "host", 3, [address(1, "other")]).changed


def test_a_partial_collection_keeps_what_its_gap_may_hide(folder):
    write_snapshot(folder, "host", 1, [address(1), address(2), address(3)])
    write_snapshot(folder, "host", 2, [address(4), gap("/proc", "address:10.0.0.2")])
    assert keys(folder) == ["address:10.0.0.2", "address:10.0.0.4", "gap:/proc"]


def test_a_gap_that_hides_no_record_removes_as_a_complete_collection_does(folder):
    write_snapshot(folder, "host", 1, [address(1), address(2)])
    write_snapshot(folder, "host", 2, [address(2), gap("/etc/x", None)])
    assert keys(folder) == ["address:10.0.0.2", "gap:/etc/x"]


def test_a_gap_that_is_gone_is_not_kept_by_another_gap(folder):
    write_snapshot(folder, "host", 1, [gap("/old", "")])
    write_snapshot(folder, "host", 2, [gap("/new", "")])
    assert keys(folder) == ["gap:/new"]


def test_two_gaps_of_one_subject_hide_what_each_of_them_hides(folder):
    write_snapshot(folder, "host", 1, [address(1)])
    write_snapshot(folder, "host", 2, [gap("/proc", "address:"), gap("/proc", None)])
    assert keys(folder) == ["address:10.0.0.1", "gap:/proc"]


def test_a_partial_collection_changes_what_it_saw(folder):
    write_snapshot(folder, "host", 1, [address(1, "old")])
    write_snapshot(folder, "host", 2, [address(1, "new"), gap("/proc", "")])
    assert address(1, "new") in LastSnapshot(folder).records()


def test_a_complete_collection_after_a_partial_one_removes(folder):
    write_snapshot(folder, "host", 1, [address(1)])
    write_snapshot(folder, "host", 2, [gap("/proc", "")])
    write_snapshot(folder, "host", 3, [address(2)])
    assert keys(folder) == ["address:10.0.0.2"]


def test_names_that_are_not_utf8_are_kept_under_their_gap(folder):
    odd = replace(address(1), address="fe80::1", scope="link", interface="eth\udcff")
    write_snapshot(folder, "host", 1, [odd])
    write_snapshot(folder, "host", 2, [gap("net", "address:fe80::1%eth\udcff")])
    assert keys(folder) == ["address:fe80::1%eth\\xff", "gap:net"]


def test_more_prefixes_than_an_envelope_holds_hide_the_whole_section():
    hides = carry.Hides()
    for number in range(1000):
        hides.add(f"{number:>100}")
    assert hides.distinct() == ("",)


def test_a_collection_that_raises_leaves_the_snapshot_before(folder):
    def collect():
        yield address(2)
        raise RuntimeError

    write_snapshot(folder, "host", 1, [address(1)])
    with pytest.raises(RuntimeError):
        write_snapshot(folder, "host", 2, collect())
    assert keys(folder) == ["address:10.0.0.1"]
    assert os.listdir(folder) == [CURRENT]


def test_a_damaged_snapshot_is_set_aside_by_a_partial_collection(folder):
    write_snapshot(folder, "host", 1, [address(1)])
    damage(os.path.join(folder, CURRENT), 60)
    committed = write_snapshot(folder, "host", 2, [gap("/proc", "")])
    assert keys(folder) == ["gap:/proc"]
    assert committed.changed
    assert sorted(os.listdir(folder)) == [CURRENT, CURRENT + ".corrupt"]


def test_the_state_is_readable_by_its_owner_alone(folder):
    write_snapshot(folder, "host", 1, [])
    assert os.stat(folder).st_mode & 0o777 == 0o700
    assert os.stat(os.path.join(folder, CURRENT)).st_mode & 0o777 == 0o600


def test_every_flipped_byte_and_every_truncation_is_noticed_before_the_first_line(folder):
    path = os.path.join(folder, CURRENT)
    write_snapshot(folder, "host", 1, [address(1), gap("/proc", "address:")])
    with open(path, "rb") as file:
        whole = file.read()
    body = whole.rindex(b"\n=") + 1
    for position in range(body):
        damage(path, position)
        with pytest.raises(CorruptSnapshot):
            next(read_snapshot(path))
        damage(path, position)
    for length in range(len(whole)):
        with open(path, "wb") as file:
            file.write(whole[:length])
        with pytest.raises(CorruptSnapshot):
            next(read_snapshot(path))
        assert read_footer_of(path) is None
        assert list(LastSnapshot(folder).records()) == []


def test_a_footer_that_counts_wrong_is_noticed(folder):
    path = os.path.join(folder, CURRENT)
    write_snapshot(folder, "host", 1, [address(1), address(2)])
    with open(path, "rb") as file:
        whole = file.read()
    for wrong in (b'"count":1', b'"count":3'):
        with open(path, "wb") as file:
            file.write(whole.replace(b'"count":2', wrong))
        with pytest.raises(CorruptSnapshot):
            list(read_snapshot(path))


def test_records_of_another_version_are_left_out(folder):
    @dataclass(frozen=True)
    class Unknown:
        KIND: ClassVar[str] = "unknown"
        VOLATILE: ClassVar[tuple[str, ...]] = ()
        key: str = "unknown"

    write_snapshot(folder, "host", 1, [address(1), Unknown()])
    assert list(LastSnapshot(folder).records()) == [address(1)]


def test_nothing_is_known_before_the_first_snapshot(folder):
    assert list(LastSnapshot(folder).records()) == []
    assert read_footer_of(os.path.join(folder, CURRENT)) is None


def damage(path: str, position: int) -> None:
    with open(path, "r+b") as file:
        file.seek(position)
        byte = file.read(1)[0]
        file.seek(position)
        file.write(bytes([byte ^ 1]))


def test_what_is_unchanged_is_taken_from_the_snapshot_before(folder):
    write_snapshot(folder, "host", 1, [address(1), address(2), address(300)])
    committed = write_snapshot(folder, "host", 2, [Unchanged("address:10.0.0."), address(301)])
    assert set(LastSnapshot(folder).records()) == {address(1), address(2), address(301)}
    assert (committed.footer.status, committed.footer.count) == ("complete", 3)


def test_a_gap_that_is_unchanged_hides_what_it_hid(folder):
    write_snapshot(folder, "host", 1, [address(1), gap("walk: /mnt", "address:eth1/")])
    footer = write_snapshot(folder, "host", 2, [address(1), Unchanged("gap:walk: ")]).footer
    assert (footer.status, footer.gaps, footer.hides) == ("partial", 1, ("address:eth1/",))


def test_a_record_that_was_seen_counts_more_than_that_it_is_unchanged(folder):
    write_snapshot(folder, "host", 1, [address(1, "eth0")])
    newer = replace(address(1, "eth0"), prefix=25)
    write_snapshot(folder, "host", 2, [newer, Unchanged("address:")])
    assert list(LastSnapshot(folder).records()) == [newer]


@pytest.mark.parametrize("damage", [os.unlink, lambda path: os.truncate(path, 40)])
def test_without_the_snapshot_before_nothing_can_be_unchanged(folder, damage):
    write_snapshot(folder, "host", 1, [address(1)])
    damage(os.path.join(folder, CURRENT))
    with pytest.raises(OSError, match="of which parts hold"):
        write_snapshot(folder, "host", 2, [Unchanged("")])


def test_previous_records_are_asked_for_by_the_start_of_their_keys(folder):
    write_snapshot(folder, "host", 1, [address(1), address(300)])
    assert list(LastSnapshot(folder).records("address:10.0.1.")) == [address(300)]
