"""The headers in hashes of Berkeley DB that rpm wrote are found bucket by bucket, whatever is damaged."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.formats.read_at import of
from agent.formats.rpmdb import Damaged
from agent.formats.rpmdb_bdb import values
from tests.hosts.rpm import SAMPLES, centos, query

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["centos"]  # a fixture

WHOLE = 1 << 24
MUTATIONS = st.lists(st.tuples(st.integers(0, 1 << 30), st.binary(min_size=1, max_size=6)), min_size=1, max_size=20)
PAGE = 4096


@pytest.fixture(scope="module")
def small(centos: Path) -> bytes:
    return (centos / "centos5-plain/Packages").read_bytes()


def headers_of(content: bytes) -> list[bytes]:
    return [value(WHOLE) for value in values(of(content), len(content))]


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_header_of_a_real_database_is_whole(centos: Path, sample: str) -> None:
    headers = headers_of((centos / sample / "Packages").read_bytes())
    assert len(headers) == len(query(centos / sample, ["NAME"]))
    for header in headers:
        tags, length = struct.unpack_from(">LL", header)
        assert len(header) == 8 + 16 * tags + length


def test_the_first_bytes_of_a_header_are_read_alone(small: bytes) -> None:
    for value in values(of(small), len(small)):
        assert value(5000) == value(WHOLE)[:5000]


def hash_of(order: str, *entries: bytes, following: int = 0) -> bytes:
    """Write a database of one page of entries, as the format describes it."""
    meta = struct.pack(f"{order}8xLLLLBBBxLL36xL20x32L", 0, 0x061561, 9, 512, 0, 8, 0, 0, 1, 0, *(1,) * 32)
    page = bytearray(512)
    struct.pack_into(f"{order}8xLLLHHBB", page, 0, 1, 0, following, len(entries), 0, 0, 13)
    end = 512
    for number, entry in enumerate(entries):
        end -= len(entry)
        page[end : end + len(entry)] = entry
        struct.pack_into(f"{order}H", page, 26 + 2 * number, end)
    return meta.ljust(512, b"\0") + bytes(page)


@pytest.mark.parametrize("order", "<>")
def test_a_value_that_is_short_is_read_from_its_page_in_either_byte_order(order: str) -> None:
    counter = (b"\1\0\0\0\0", b"\1\7\0\0\0")
    assert headers_of(hash_of(order, *counter, b"\1\1\0\0\0", b"\1a header")) == [b"a header"]


def test_a_bucket_that_leads_back_to_itself_ends() -> None:
    with pytest.raises(Damaged, match="in common"):
        headers_of(hash_of("<", b"\1key0", b"\1value", following=1))


@pytest.mark.parametrize(
    ("place", "written"),
    [
        (12, b"x"),
        (16, b"\5"),
        (20, b"\0\0\0\0"),
        (20, b"\1"),
        (24, b"\1"),
        (25, b"\3"),
        (26, b"\1"),
        (72, b"\xff\xff\xff\xff"),
        (PAGE + 25, b"\7"),
        (PAGE + 20, b"\xff\xff"),
        (PAGE + 26, b"\0\0"),
    ],
)
def test_what_is_not_as_the_format_says_is_damage(small: bytes, place: int, written: bytes) -> None:
    with pytest.raises(Damaged):
        headers_of(small[:place] + written + small[place + len(written) :])


@pytest.mark.parametrize("length", [0, 100, 223, PAGE, 5 * PAGE, 1_000_000])
def test_a_database_that_is_cut_off_is_damage(small: bytes, length: int) -> None:
    with pytest.raises(Damaged):
        headers_of(small[:length])


def test_a_value_whose_pages_lead_back_to_themselves_ends(small: bytes) -> None:
    content = bytearray(small)
    for place in range(0, len(content), PAGE):
        if content[place + 25] == 7:
            content[place + 16 : place + 20] = struct.pack("<L", place // PAGE)
    for value in values(of(bytes(content)), len(content)):
        assert len(value(WHOLE)) < WHOLE


@settings(max_examples=150, deadline=None)
@given(MUTATIONS, st.booleans())
def test_a_changed_database_is_read_or_damaged(small: bytes, mutations: list[tuple[int, bytes]], meta: bool) -> None:
    changed: dict[int, int] = {}
    for offset, written in mutations:
        place = offset % (300 if meta else len(small)) // (1 if meta else PAGE) * (1 if meta else PAGE)
        changed.update(enumerate(written, place + (0 if meta else offset % 60)))

    def read_at(offset: int, count: int) -> bytes:
        content = bytearray(small[offset : offset + count])
        for place, byte in changed.items():
            if offset <= place < offset + len(content):
                content[place - offset] = byte
        return bytes(content)

    try:
        for value in values(read_at, len(small)):
            value(WHOLE)
    except Damaged:
        pass
