"""rpm's database in a hash of Berkeley DB: the file Packages (libdb's src/dbinc/db_page.h and src/hash).

The first page, the meta page, says how many buckets there are and on which page each begins. A bucket is a chain
of pages of keys and values in turn; a value that is too long for its page lies on a chain of pages of its own.
"""

from __future__ import annotations

import struct
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from agent.formats.page_chain import chain
from agent.formats.rpmdb import VALUES_LIMIT, Damaged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.formats.read_at import ReadAt
    from agent.formats.rpmdb import Value

_MAGIC = 0x061561
_VERSIONS = range(7, 11)
"""Of Berkeley DB 3.1 to 6: what is read here is the same in all of them."""
_META = "12xLLLBBBx4xL36xL20x32L"
"""Magic number, version, page size; encryption, type and flags; last page, last bucket, where buckets begin."""
_META_BYTES = 224
_PAGE = "16xLHHxB"
"""Next page, number of entries, free space or bytes of a value, type."""
_PAGE_BYTES = 26
_HASH_META, _HASH_UNSORTED, _HASH, _OVERFLOW = 8, 2, 13, 7
"""Types of pages."""
_INLINE, _ELSEWHERE = 1, 3
"""Types of values: on this page, and on a chain of pages, of which the first and the bytes in all are told."""
_INSTANCES = b"\0\0\0\0"
"""The key under which rpm counts the instances of packages."""


class _Database(NamedTuple):
    """A database that is read.

    page: How a page begins, in the byte order of the machine that made it.
    elsewhere: How a value on pages of its own is written.
    size: Bytes of a page.
    """

    read_at: ReadAt
    page: struct.Struct
    elsewhere: struct.Struct
    size: int

    def pages(self, number: int, count: int) -> bytes:
        return self.read_at(number * self.size, count * self.size)

    def next_of(self, run: bytes, place: int) -> int:
        following: int = self.page.unpack_from(run, place)[0]
        return following


def values(read_at: ReadAt, size: int) -> Iterator[Value]:
    """Give the values of a database of so many bytes, bucket by bucket.

    Damaged where it is no such database or, after all others, where pages of its buckets are not what they should be.
    """
    database, buckets = _open(read_at, size)
    left = size // database.size
    damage = None
    for bucket in buckets:
        try:
            for run, place in chain(database.pages, database.size, bucket, database.next_of):
                left -= 1
                if left < 0:
                    raise Damaged("buckets of the Berkeley database have pages in common")
                yield from _values_on(database, run[place : place + database.size])
        except Damaged as error:
            damage = damage or error
    if damage:
        raise damage


def _open(read_at: ReadAt, size: int) -> tuple[_Database, Iterator[int]]:
    """Read the meta page: the database, and the first page of each bucket."""
    start = read_at(0, _META_BYTES)
    if len(start) < _META_BYTES:
        raise Damaged("the Berkeley database is cut off")
    order = next((order for order in "<>" if struct.unpack_from(f"{order}L", start, 12) == (_MAGIC,)), "")
    if not order:
        raise Damaged("it is no hash of Berkeley DB")
    _, version, page_size, encrypted, kind, flags, _, last, *spares = struct.unpack(order + _META, start)
    if version not in _VERSIONS or kind != _HASH_META or encrypted or flags:
        raise Damaged("it is a Berkeley database of an unknown version, or one with checksums or encryption")
    if page_size not in (512 << power for power in range(8)) or last >= min(size // page_size, VALUES_LIMIT):
        raise Damaged("the Berkeley database does not have the pages that it says")
    database = _Database(read_at, struct.Struct(order + _PAGE), struct.Struct(order + "LL"), page_size)
    return database, (bucket + spares[bucket.bit_length()] for bucket in range(last + 1))


def _values_on(database: _Database, page: bytes) -> Iterator[Value]:
    """Give the values of one page of a bucket, of which the odd entries are keys."""
    _, count, _, kind = database.page.unpack_from(page)
    if kind not in (_HASH, _HASH_UNSORTED) or _PAGE_BYTES + 2 * count > database.size:
        raise Damaged("a page of the Berkeley database is none of its hash")
    order = database.page.format[:1]
    ends = database.size, *struct.unpack_from(f"{order}{count}H", page, _PAGE_BYTES)
    if list(ends) != sorted(ends, reverse=True):
        raise Damaged("entries of the Berkeley database overlap")
    entries = [page[start:end] for end, start in zip(ends, ends[1:])]
    for key, value in zip(entries[::2], entries[1::2]):
        if key[1:] != _INSTANCES:
            yield _value(database, value)


def _value(database: _Database, entry: bytes) -> Value:
    if entry and entry[0] == _INLINE:
        return lambda count: entry[1 : 1 + count]
    return partial(_first, database, entry)


def _first(database: _Database, entry: bytes, count: int) -> bytes:
    """Read the first so many bytes of a value that has pages of its own."""
    if len(entry) != 4 + database.elsewhere.size or entry[0] != _ELSEWHERE:
        raise Damaged("a value of the Berkeley database is of an unknown type")
    number, length = database.elsewhere.unpack_from(entry, 4)
    wanted = min(count, length)
    content = bytearray()
    for run, place in chain(database.pages, database.size, number, database.next_of):
        _, _, used, kind = database.page.unpack_from(run, place)
        if kind != _OVERFLOW or not 0 < used <= database.size - _PAGE_BYTES:
            raise Damaged("a value of the Berkeley database is overwritten")
        content += run[place + _PAGE_BYTES : place + _PAGE_BYTES + used]
        if len(content) >= wanted:
            break
    del content[wanted:]
    return bytes(content)
