from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from agent.host.errors import LimitReached
from agent.host.found import Found, Reads
from tests.hosts.trees import plant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def find(tmp_path: Path) -> Iterator[Callable[..., Found]]:
    """Plants a file and gives it as a walk would."""
    directory = os.open(tmp_path, os.O_RDONLY)
    made = []

    def find(content: bytes, reads: Reads | None = None) -> Found:
        plant(tmp_path, {"file": content, "beside": b"neighbour"})
        made.append(Found(directory, "/dir/file", len(content), False, reads))
        return made[-1]

    yield find
    for found in made:
        found.close()
    os.close(directory)


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (b"\x7fELF\x02", "elf"),
        (b"#!/bin/sh", "script"),
        (b"PK\x03\x04x", "zip"),
        (b"PK\x05\x06", ""),
        (b"", ""),
        (b"#", ""),
        (b"\x7fEL", ""),
    ],
)
def test_a_form_is_told_by_the_first_bytes(find: Callable[..., Found], content: bytes, form: str) -> None:
    assert find(content).form() == form


def test_content_is_given_whole_in_part_and_of_the_neighbour(find: Callable[..., Found]) -> None:
    found = find(b"0123456789")
    assert (found.name, found.read_at(8, 5), found.read(10), found.read(10)) == ("file", b"89", *[b"0123456789"] * 2)
    assert found.sibling("beside", 100) == b"neighbour"


def test_more_than_the_limit_is_not_given(find: Callable[..., Found]) -> None:
    with pytest.raises(LimitReached):
        find(b"0123456789").read(9)


def test_all_that_is_read_is_counted_and_told(find: Callable[..., Found]) -> None:
    seen: list[str] = []
    reads = Reads(seen.append)
    found = find(b"0123456789", reads)
    assert found.form() == found.form()
    found.read(10)
    found.sibling("beside", 100)
    assert found.read_into(bytearray(3), 8) == 2
    assert reads.count == 4 + 10 + 9 + 2
    assert seen == ["/dir/file", "/dir/beside"]


def test_a_closed_file_can_be_read_again(find: Callable[..., Found]) -> None:
    found = find(b"0123456789")
    found.read(10)
    found.close()
    assert found.status().st_size == 10
