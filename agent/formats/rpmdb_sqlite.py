"""rpm's database in SQLite: the table Packages of rpmdb.sqlite and its log (rpm's lib/backend/sqlite.c)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from agent.formats.rpmdb import Damaged
from agent.formats.sqlite import length_of, rows, table, varint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.formats.rpmdb import Value
    from agent.formats.sqlite import Row
    from agent.formats.sqlite_pages import Pages

_BEFORE = 64
"""Bytes of a row before its blob, at most: the header and the row's number."""


def values(pages: Pages) -> Iterator[Value]:
    """Give the values of a database in the order in which they were added.

    Damaged where it is no database of rpm or, after all others, where pages of the table are not what they should be.
    """
    for row in rows(pages, table(pages, "Packages")):
        yield partial(_blob, row)


def _blob(row: Row, count: int) -> bytes:
    """Read the first so many bytes of the second column of a row, the header; the first is the row's number."""
    start = row(_BEFORE + count)
    end, place = varint(start, 0)
    number, place = varint(start, place)
    blob, place = varint(start, place)
    if place != end or blob < 12 or blob % 2:
        raise Damaged("a row of the SQLite database holds no header")
    end += length_of(number)
    return start[end : end + min(count, length_of(blob))]
