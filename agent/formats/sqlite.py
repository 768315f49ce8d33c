"""Tables of an SQLite database, read from its bytes (sqlite.org/fileformat2.html): never locked, never written.

A table is a tree of pages: leaves hold rows, inner pages the numbers of the pages below them. A row that is too
long for its leaf goes on in a chain of overflow pages.
"""

from __future__ import annotations

import struct
from functools import partial
from typing import TYPE_CHECKING, Callable

from agent.formats.page_chain import chain
from agent.formats.rpmdb import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.formats.sqlite_pages import Pages

Row = Callable[[int], bytes]
"""Reads the first so many bytes of a row, fewer where it is shorter; Damaged where the database does not hold them."""

_LEAF, _INNER = 13, 5
"""Types of pages of a table (section 1.6)."""
_FILE_HEADER = 100
"""Bytes before the page header on the first page."""
_NUMBER = struct.Struct(">L")
_DEPTH_LIMIT = 20
"""SQLite's own limit of a tree (BTCURSOR_MAX_DEPTH)."""
_LENGTHS = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)
"""Bytes of the types of values below those of blobs and texts (section 2.1)."""
_ONE = 9
"""The type that is the number one."""
_SCHEMA_BYTES = 16 * 1024
"""Bytes of a row of the schema that are read: a longer one is not that of a table of rpm."""


def table(pages: Pages, name: str) -> int:
    """Give the first page of a table by its name; Damaged where the schema has none."""
    for row in rows(pages, 1):
        columns = values(row(_SCHEMA_BYTES))
        if columns[:2] == [b"table", name.encode()] and len(columns) > 3:
            return int.from_bytes(columns[3], "big", signed=True)
    raise Damaged(f"the SQLite database has no table {name}")


def rows(pages: Pages, root: int) -> Iterator[Row]:
    """Give the rows of the table whose tree has this page at its root, in the order of their row ids.

    Damaged, after all others, where pages of the tree are not what they should be.
    """
    damage = None
    left = pages.count
    stack = [(root, 0)]
    while stack:
        number, depth = stack.pop()
        left -= 1
        if left < 0 or depth > _DEPTH_LIMIT:
            raise Damaged("a tree of the SQLite database has a loop")
        try:
            page = pages.page(number)
            start = _FILE_HEADER if number == 1 else 0
            if page[start] == _LEAF:
                for place in _places(page, start, 8):
                    yield partial(_first, pages, page, place)
            elif page[start] == _INNER:
                stack += [(below, depth + 1) for below in _below(page, start)]
            else:
                raise Damaged("a page of the SQLite database is none of its table")
        except Damaged as error:
            damage = damage or error
    if damage:
        raise damage


def values(record: bytes) -> list[bytes]:
    """Give the values of a row's columns as the bytes that they are stored in (section 2.1); those behind a cut are short.

    Integers are big-endian and signed, in as few bytes as hold them; NULL has none.
    """
    end, place = varint(record, 0)
    types = []
    while place < end:
        kind, place = varint(record, place)
        types.append(kind)
    found = []
    for kind in types:
        length = length_of(kind)
        found.append(b"\1" if kind == _ONE else record[place : place + length])
        place += length
    return found


def length_of(kind: int) -> int:
    """Give how many bytes a value of a type takes in its row."""
    if kind >= len(_LENGTHS):
        return (kind - len(_LENGTHS)) // 2
    return _LENGTHS[kind]


def varint(content: bytes, place: int) -> tuple[int, int]:
    """Read a number of variable length (section 1.6): the number and the place behind it; Damaged at the end of the bytes."""
    number = 0
    for byte in content[place : place + 8]:
        place += 1
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            return number, place
    if place >= len(content):
        raise Damaged("a number in the SQLite database is cut off")
    return number << 8 | content[place], place + 1


def _first(pages: Pages, leaf: bytes, place: int, count: int) -> bytes:
    """Read the first so many bytes of the row of a cell: on its leaf, then in its overflow pages (section 1.6)."""
    size, place = varint(leaf, place)
    _, place = varint(leaf, place)
    local = _local(size, pages.usable)
    wanted = min(count, size)
    content = bytearray(leaf[place : place + min(local, wanted)])
    if local < size and len(content) < wanted:
        overflow = _number(leaf, place + local)
        for run, start in chain(pages.run, pages.size, overflow, _number):
            content += run[start + 4 : start + pages.usable]
            if len(content) >= wanted:
                break
    del content[wanted:]
    return bytes(content)


def _local(size: int, usable: int) -> int:
    """Give how many bytes of a row of a size are on its leaf."""
    most = usable - 35
    if size <= most:
        return size
    least = (usable - 12) * 32 // 255 - 23
    local = least + (size - least) % (usable - 4)
    return local if local <= most else least


def _places(page: bytes, start: int, header: int) -> tuple[int, ...]:
    """Give where the cells of a page are."""
    count = int.from_bytes(page[start + 3 : start + 5], "big")
    if start + header + 2 * count > len(page):
        raise Damaged("a page of the SQLite database has more cells than it can hold")
    return struct.unpack_from(f">{count}H", page, start + header)


def _below(page: bytes, start: int) -> list[int]:
    """Give the pages below an inner page, last first."""
    places = (start + 8, *reversed(_places(page, start, 12)))
    return [_number(page, place) for place in places]


def _number(content: bytes, place: int) -> int:
    """Read the number of a page."""
    if place + 4 > len(content):
        raise Damaged("the number of a page of the SQLite database is cut off")
    number: int = _NUMBER.unpack_from(content, place)[0]
    return number
