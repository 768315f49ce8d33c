"""The write-ahead log of an SQLite database (sqlite.org/fileformat2.html, section 4): the file with the ending -wal.

The log holds pages that are newer than those of the database. A commit is a page with the size of the database
behind it; what comes after the last one is not part of it. Pages that remain from before the log was last begun
anew have other salts, and a page that was not written whole another checksum: there the log ends.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from agent.formats.rpmdb import Damaged

if TYPE_CHECKING:
    from agent.formats.read_at import ReadAt

FRAMES_LIMIT = 100_000
"""Pages that a log may hold: 400 MiB of the usual size."""

_HEADER = struct.Struct(">LLLL8sLL")
_FRAME = struct.Struct(">LL8sLL")
_MAGIC = 0x377F0682
"""The lowest bit beside it says that checksums are made of big-endian words."""
_VERSION = 3007000
_WORD = 0xFFFFFFFF


def committed(read_at: ReadAt, size: int, page_size: int) -> dict[int, int]:
    """Give where in a log of so many bytes the page of each number lies, as of the last commit.

    A log that SQLite would not use, because it is empty or its header is not whole, has none. Damaged where
    it is of another version or another size of pages, or longer than FRAMES_LIMIT.
    """
    header = read_at(0, _HEADER.size)
    if len(header) < _HEADER.size:
        return {}
    magic, version, logged_size, _, salts, first, second = _HEADER.unpack(header)
    order = ">" if magic & 1 else "<"
    sums = _checksum(order, header[:24], (0, 0))
    if magic & ~1 != _MAGIC or sums != (first, second):
        return {}
    if version != _VERSION or logged_size != page_size:
        raise Damaged("the log of the SQLite database is of an unknown version, or that of another database")
    if size > FRAMES_LIMIT * page_size:
        raise Damaged(f"the log of the SQLite database is longer than {FRAMES_LIMIT} pages")
    return _frames(read_at, page_size, order, salts, sums)


def _frames(read_at: ReadAt, page_size: int, order: str, salts: bytes, sums: tuple[int, int]) -> dict[int, int]:
    pages: dict[int, int] = {}
    pending: dict[int, int] = {}
    offset = _HEADER.size
    while len(frame := read_at(offset, _FRAME.size + page_size)) == _FRAME.size + page_size:
        number, size_after, salts_of_frame, *sums_of_frame = _FRAME.unpack_from(frame)
        if salts_of_frame != salts or not number:
            break
        sums = _checksum(order, frame[:8] + frame[_FRAME.size :], sums)
        if sums != tuple(sums_of_frame):
            break
        pending[number] = offset + _FRAME.size
        if size_after:
            pages.update(pending)
            pending.clear()
        offset += len(frame)
    return pages


def _checksum(order: str, content: bytes, sums: tuple[int, int]) -> tuple[int, int]:
    """Go on with the checksum; the sums are cut to their 32 bits but once, which long integers allow."""
    first, second = sums
    words = struct.unpack(f"{order}{len(content) // 4}L", content)
    for even, odd in zip(words[::2], words[1::2]):
        first += even + second
        second += odd + first
    return first & _WORD, second & _WORD
