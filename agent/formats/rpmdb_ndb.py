"""rpm's own database format, ndb: the file Packages.db (rpm's lib/backend/ndb/rpmpkg.c).

Pages of slots, of which each says where one value lies, are followed by the values in blocks of 16 bytes.
The first page begins with a header of the size of two slots. All numbers are little-endian.
"""

from __future__ import annotations

import struct
from functools import partial
from typing import TYPE_CHECKING

from agent.formats.rpmdb import VALUES_LIMIT, Damaged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.formats.read_at import ReadAt
    from agent.formats.rpmdb import Value

_HEADER = struct.Struct("<4sL4xL16x")
_SLOT = struct.Struct("<4sLLL")
_VALUE = struct.Struct("<4sL4xL")
_TAIL = 12
"""Bytes behind a value: a checksum, its length and a mark."""
_BLOCK = 16
_PAGE = 4096
_PAGES_LIMIT = VALUES_LIMIT * _SLOT.size // _PAGE


def values(read_at: ReadAt, size: int) -> Iterator[Value]:
    """Give the values of a database of so many bytes, in the order of its slots.

    Damaged where it is no such database or, after all others, where slots are no slots.
    """
    damaged = False
    for number in range(_slot_pages(read_at, size)):
        page = read_at(number * _PAGE, _PAGE)
        if len(page) < _PAGE:
            raise Damaged("the ndb database ends within its slots")
        for magic, index, block, count in _SLOT.iter_unpack(page if number else page[_HEADER.size :]):
            damaged = damaged or magic != b"Slot"
            if magic == b"Slot" and index and block:
                yield partial(_first, read_at, index, block * _BLOCK, count * _BLOCK)
    if damaged:
        raise Damaged("slots of the ndb database are overwritten")


def _slot_pages(read_at: ReadAt, size: int) -> int:
    start = read_at(0, _HEADER.size)
    if len(start) < _HEADER.size:
        raise Damaged("the ndb database is cut off")
    magic, version, pages = _HEADER.unpack(start)
    if magic != b"RpmP" or version != 0:
        raise Damaged("it is no ndb database, or one of an unknown version")
    if not 0 < pages <= min(size // _PAGE, _PAGES_LIMIT):
        raise Damaged("the ndb database does not have as many slots as it says")
    return int(pages)


def _first(read_at: ReadAt, index: int, offset: int, room: int, count: int) -> bytes:
    """Read the first so many bytes of the value that a slot names: a head, the bytes and a tail in its blocks."""
    head = read_at(offset, _VALUE.size + min(count, max(0, room - _VALUE.size - _TAIL)))
    if len(head) < _VALUE.size:
        raise Damaged("a slot of the ndb database leads out of it")
    magic, owner, length = _VALUE.unpack_from(head)
    if magic != b"BlbS" or owner != index or length > room - _VALUE.size - _TAIL:
        raise Damaged("a slot of the ndb database leads to no value of its own")
    return head[_VALUE.size : _VALUE.size + length]
