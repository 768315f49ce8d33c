"""Pages of a chain are read ahead as long as they lie behind each other."""

from __future__ import annotations

from itertools import islice

import pytest

from agent.formats.page_chain import chain
from agent.formats.rpmdb import Damaged

SIZE = 4


class File:
    """Pages of four bytes, each the number of the next; page 0 is never read."""

    def __init__(self, following: dict[int, int]) -> None:
        self.content = b"".join(following.get(n, 0).to_bytes(SIZE, "big") for n in range(max(following) + 1))
        self.reads: list[tuple[int, int]] = []

    def pages(self, number: int, count: int) -> bytes:
        self.reads.append((number, count))
        return self.content[number * SIZE : (number + count) * SIZE]


def next_of(run: bytes, place: int) -> int:
    return int.from_bytes(run[place : place + SIZE], "big")


def followed(file: File, first: int) -> list[int]:
    """Give what each page of a chain says is the next."""
    return [next_of(run, place) for run, place in chain(file.pages, SIZE, first, next_of)]


def test_pages_behind_each_other_are_read_more_and_more_at_once() -> None:
    file = File({**{number: number + 1 for number in range(1, 60)}, 60: 0})
    assert followed(file, 1) == [*range(2, 61), 0]
    assert file.reads == [(1, 1), (2, 2), (4, 4), (8, 8), (16, 16), (32, 16), (48, 16)]


def test_pages_here_and_there_are_read_one_by_one() -> None:
    file = File({1: 9, 9: 5, 5: 30, 30: 0})
    assert followed(file, 1) == [9, 5, 30, 0]
    assert file.reads == [(1, 1), (9, 1), (5, 1), (30, 1)]


def test_an_empty_chain_has_no_page() -> None:
    assert followed(File({1: 0}), 0) == []


def test_a_page_that_is_not_in_the_file_is_damage() -> None:
    with pytest.raises(Damaged):
        followed(File({1: 2}), 1)


def test_a_loop_goes_on_until_its_reader_has_enough() -> None:
    pages = chain(File({1: 2, 2: 1}).pages, SIZE, 1, next_of)
    assert [next_of(run, place) for run, place in islice(pages, 100)] == [2, 1] * 50
