"""Headers of packages are read as rpm reads them, and hostile ones are told as damaged."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.formats import rpm_header as tags
from agent.formats.read_at import of
from agent.formats.rpm_header import COUNT_LIMIT, LIMIT, TEXT_LIMIT, Header
from agent.formats.rpmdb import Damaged
from agent.formats.rpmdb_bdb import values
from tests.hosts.rpm import centos

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from agent.formats.rpmdb import Value

__all__ = ["centos"]  # a fixture

CHAR, INT16, INT32, INT64, TEXT, BINARY, TEXTS, LOCALES = 1, 3, 4, 5, 6, 7, 8, 9


def blob(*entries: tuple[int, int, int, bytes]) -> bytes:
    """Write a header of entries: tag, type, count and bytes of their values."""
    index = data = b""
    for tag, kind, count, content in entries:
        index += struct.pack(">LLLL", tag, kind, len(data), count)
        data += content
    return struct.pack(">LL", len(entries), len(data)) + index + data


def value_of(content: bytes) -> Value:
    return lambda count: content[:count]


def header(*entries: tuple[int, int, int, bytes], ahead: int = 1 << 20) -> Header:
    return Header(value_of(blob(*entries)), ahead)


SAMPLE = (
    (tags.NAME, TEXT, 1, b"tea\0"),
    (tags.EPOCH, INT32, 1, b"\0\0\0\7"),
    (tags.GROUP, LOCALES, 2, b"Drinks\0Getr\xc3\xa4nke\0"),
    (tags.FILE_MODES, INT16, 2, b"\x81\xa4\x41\xed"),
    (tags.FILE_STATES, CHAR, 2, b"\0\1"),
    (tags.BASE_NAMES, TEXTS, 3, b"a\0\0c\xff\0"),
    (tags.RSA_HEADER, BINARY, 3, b"\1\2\3"),
    (tags.INSTALL_TIME, INT64, 1, b"\0\0\0\1\0\0\0\0"),
)


@pytest.mark.parametrize("ahead", [8, 100, 1 << 20])
def test_values_of_every_type_are_read_however_much_was_read_ahead(ahead: int) -> None:
    found = header(*SAMPLE, ahead=ahead)
    assert (found.text(tags.NAME), found.text(tags.GROUP)) == ("tea", "Drinks")
    assert (found.number(tags.EPOCH), found.number(tags.INSTALL_TIME)) == (7, 1 << 32)
    assert found.numbers(tags.FILE_MODES) == (0o100644, 0o40755)
    assert (found.binary(tags.FILE_STATES), found.binary(tags.RSA_HEADER)) == (b"\0\1", b"\1\2\3")
    assert list(found.texts(tags.BASE_NAMES)) == ["a", "", "c\udcff"]
    assert found.count(tags.BASE_NAMES) == 3


def test_a_tag_that_is_not_there_has_no_value() -> None:
    found = header(*SAMPLE)
    assert (found.text(tags.VENDOR), found.number(tags.VENDOR), found.binary(tags.VENDOR)) == (None, None, None)
    assert (list(found.texts(tags.VENDOR)), found.numbers(tags.VENDOR), found.count(tags.VENDOR)) == ([], (), 0)


def test_what_rpm_added_as_it_installed_replaces_what_the_package_came_with() -> None:
    assert header((tags.VENDOR, TEXT, 1, b"old\0"), (tags.VENDOR, TEXT, 1, b"new\0")).text(tags.VENDOR) == "new"


def test_many_texts_are_read_piece_by_piece() -> None:
    names = [f"file-{number}" * (number % 50) for number in range(20_000)]
    content = "".join(f"{name}\0" for name in names).encode()
    assert list(header((tags.BASE_NAMES, TEXTS, len(names), content)).texts(tags.BASE_NAMES)) == names


def test_only_the_beginning_is_read_when_it_holds_what_is_asked() -> None:
    asked: list[int] = []
    content = blob(*SAMPLE, (tags.FILE_DIGESTS, TEXTS, 1, b"x" * 10_000 + b"\0"))

    def value(count: int) -> bytes:
        asked.append(count)
        return content[:count]

    found = Header(value, 1000)
    found.text(tags.NAME)
    assert asked == [1000]
    list(found.texts(tags.FILE_DIGESTS))
    assert asked == [1000, len(content)]


DAMAGED: dict[str, tuple[bytes, Callable[[Header], object]]] = {
    "nothing": (b"", Header.__repr__),
    "no tags": (struct.pack(">LL", 0, 0), Header.__repr__),
    "too many tags": (struct.pack(">LL", 65536, 0) + bytes(16 * 65536), Header.__repr__),
    "an index that is cut off": (blob(*SAMPLE)[:60], Header.__repr__),
    "a length beyond all limits": (struct.pack(">LL", 1, LIMIT) + bytes(16), lambda h: h.text(0)),
    "a text for a number": (blob(*SAMPLE), lambda h: h.number(tags.NAME)),
    "a number for a text": (blob(*SAMPLE), lambda h: h.text(tags.EPOCH)),
    "a number for bytes": (blob(*SAMPLE), lambda h: h.binary(tags.EPOCH)),
    "a text without an end": (blob((tags.NAME, TEXT, 1, b"tea")), lambda h: h.text(tags.NAME)),
    "texts without an end": (blob((tags.NAME, TEXTS, 2, b"tea\0milk")), lambda h: list(h.texts(tags.NAME))),
    "a text that is longer than any": (blob((1, TEXTS, 1, b"x" * 70_000 + b"\0")), lambda h: list(h.texts(1))),
    "too many values": (blob((1, INT32, COUNT_LIMIT + 1, b"")), lambda h: h.numbers(1)),
    "numbers that are not there": (blob((1, INT32, 2, bytes(4))), lambda h: h.numbers(1)),
    "data that is cut off": (blob(*SAMPLE)[:-4], lambda h: h.number(tags.INSTALL_TIME)),
    "a place behind the end": (struct.pack(">6L", 1, 4, 1, TEXT, 5, 1) + b"x\0\0\0", lambda h: h.text(1)),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_what_is_not_as_the_format_says_is_damage(name: str) -> None:
    content, ask = DAMAGED[name]
    with pytest.raises(Damaged):
        ask(Header(value_of(content), 1 << 20))


@pytest.fixture(scope="module")
def real(centos: Path) -> bytes:
    """The header of bash in CentOS 8."""
    content = (centos / "centos8-modularitylabel/Packages").read_bytes()
    return next(v(1 << 20) for v in values(of(content), len(content)) if Header(v, 1 << 20).text(tags.NAME) == "bash")


@settings(max_examples=300, deadline=None)
@given(changes=st.lists(st.tuples(st.integers(0, 3000), st.binary(min_size=1, max_size=8)), min_size=1, max_size=20))
def test_a_changed_header_is_read_or_damaged(real: bytes, changes: list[tuple[int, bytes]]) -> None:
    content = bytearray(real)
    for place, written in changes:
        content[place : place + len(written)] = written
    for ask in (Header.text, Header.number, Header.numbers, Header.binary, Header.count, _texts):
        for tag in (tags.NAME, tags.BASE_NAMES, tags.DIR_INDEXES, tags.INSTALL_TIME, tags.RSA_HEADER):
            try:
                ask(Header(value_of(bytes(content)), 200), tag)
            except Damaged:
                pass


def _texts(found: Header, tag: int) -> list[str]:
    return list(found.texts(tag))


def test_a_text_is_not_longer_than_any_that_is_meant() -> None:
    assert header((tags.LICENSE, TEXT, 1, b"x" * (TEXT_LIMIT - 1) + b"\0")).text(tags.LICENSE) == "x" * (TEXT_LIMIT - 1)
    with pytest.raises(Damaged):
        header((tags.LICENSE, TEXT, 1, b"x" * TEXT_LIMIT + b"\0")).text(tags.LICENSE)
