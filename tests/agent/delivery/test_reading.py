"""A snapshot's end is found however long it is."""

from __future__ import annotations

import os

import pytest

from agent.delivery.reading import CURRENT, CorruptSnapshot, check, read_footer_of
from agent.delivery.store import write_snapshot
from agent.model.records import Gap


@pytest.mark.parametrize("length", [10, 3500, 4000, 4096, 5000, 30_000])
def test_a_footer_is_found_however_long_it_is(tmp_path, length):
    footer = write_snapshot(str(tmp_path), "host", 1, [Gap("a", "denied", "", "\x01" * length)]).footer
    assert read_footer_of(str(tmp_path / CURRENT)) == footer
    assert check(str(tmp_path / CURRENT)) == footer


def test_a_large_file_without_a_footer_is_not_searched_to_its_beginning(tmp_path):
    with open(tmp_path / CURRENT, "wb") as file:
        file.truncate(1 << 34)
    assert read_footer_of(str(tmp_path / CURRENT)) is None


def test_a_damaged_file_is_named_by_its_name_alone(tmp_path):
    (tmp_path / CURRENT).write_bytes(b"secret")
    with pytest.raises(CorruptSnapshot) as raised:
        check(str(tmp_path / CURRENT))
    assert str(raised.value) == "current.snap: the snapshot has no footer: it was not finished"
    assert raised.value.path == os.path.join(tmp_path, CURRENT)
