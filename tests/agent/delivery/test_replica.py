"""Which snapshot the backend confirmed is told by names alone, and survives what a killed process leaves."""

from __future__ import annotations

import os
import shutil

import pytest

from agent.delivery import replica
from agent.delivery.reading import CURRENT, CorruptSnapshot
from agent.delivery.store import write_snapshot
from agent.model.records import Address


@pytest.fixture
def folder(tmp_path) -> str:
    write_snapshot(str(tmp_path), "host", 1, [Address("eth0", "10.0.0.1", 24, "private")])
    return str(tmp_path)


def test_a_commit_replaces_what_was_confirmed_before(folder):
    for seq in (1, 2, 10):
        replica.hold(folder)
        replica.commit(os.path.join(folder, "sending.snap"), "e", seq)
    assert sorted(os.listdir(folder)) == ["acknowledged.e.10.snap", CURRENT]
    assert replica.acknowledged(folder)[1:3] == ("e", 10)
    assert not replica.pending(folder)


def test_the_greatest_seq_counts_when_older_files_were_left(folder):
    for seq in (9, 10):
        shutil.copy(os.path.join(folder, CURRENT), os.path.join(folder, f"acknowledged.e.{seq}.snap"))
    assert replica.acknowledged(folder).seq == 10


def test_what_is_held_stays_when_a_new_collection_ends(folder):
    held = replica.hold(folder)
    write_snapshot(folder, "host", 2, [])
    replica.commit(os.path.join(folder, "sending.snap"), "e", 1)
    assert replica.acknowledged(folder).footer == held.footer
    assert replica.pending(folder)


def test_nothing_is_held_or_pending_before_the_first_collection(tmp_path):
    folder = str(tmp_path / "missing")
    assert not replica.pending(folder)
    assert replica.acknowledged(folder) is replica.check_acknowledged(folder) is None
    os.mkdir(folder)
    assert replica.hold(folder) is None


def test_a_damaged_snapshot_is_not_held(folder):
    with open(os.path.join(folder, CURRENT), "r+b") as file:
        file.write(b"!")
    with pytest.raises(CorruptSnapshot):
        replica.hold(folder)
    assert os.listdir(folder) == [CURRENT + ".corrupt"]


def test_what_is_forgotten_is_pending(folder):
    replica.hold(folder)
    replica.commit(os.path.join(folder, "sending.snap"), "e", 1)
    replica.forget(folder)
    assert replica.acknowledged(folder) is None
    assert replica.pending(folder)


def test_a_file_of_another_name_is_not_taken_for_a_confirmation(folder):
    for name in ("acknowledged.e.x.snap", "acknowledged.e.1.snap.tmp", "acknowledged..1.snap"):
        shutil.copy(os.path.join(folder, CURRENT), os.path.join(folder, name))
    assert replica.acknowledged(folder) is None
