"""Where the central directory of a zip file is: the records at its end (PKWARE's APPNOTE.TXT 6.3, 4.3.14 to 4.3.16)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from agent.formats.read_at import ReadAt

_END = struct.Struct("<4x8xLL2x")
_END_64 = struct.Struct("<4x36xQQ")
_LOCATOR = struct.Struct("<4x4xQ4x")
_COMMENT_LIMIT = 65535


class Malformed(ValueError):
    """A broken zip file, or an entry that is encrypted or packed by a method that is not read."""


class NoZip(Malformed):
    """No zip file, or one that is cut off."""


class Directory(NamedTuple):
    """Where the central directory is.

    start: Offset of its first byte.
    end: Offset behind its last byte.
    prefix: Bytes before the archive, by which the offsets in it are too small.
    """

    start: int
    end: int
    prefix: int


def find(read_at: ReadAt, size: int) -> Directory:
    """Find the directory in a file of so many bytes; NoZip where no end of a zip file is, Malformed where it is broken.

    It ends where the record of the end starts. That tells the prefix, as in zipfile of CPython: files
    that were put behind a script keep their offsets.
    """
    end, length, offset = _end_record(read_at, size)
    if end >= _LOCATOR.size + _END_64.size:
        locator = read_at(end - _LOCATOR.size, _LOCATOR.size)
        if len(locator) == _LOCATOR.size and locator.startswith(b"PK\x06\x07"):
            end, length, offset = _end_record_64(read_at, end - _LOCATOR.size, *_LOCATOR.unpack(locator))
    start = end - length
    if start < offset:
        raise Malformed("the zip directory starts before the file does")
    return Directory(start, end, start - offset)


def _end_record(read_at: ReadAt, size: int) -> tuple[int, int, int]:
    """Find the record at the end, before a comment of unknown length; most files have none."""
    for length in (_END.size, _END.size + _COMMENT_LIMIT):
        start = max(size - length, 0)
        tail = read_at(start, size - start)
        at = tail.rfind(b"PK\x05\x06", 0, max(len(tail) - _END.size + 4, 0))
        if at >= 0:
            return (start + at, *_END.unpack_from(tail, at))
    raise NoZip("no zip file, or its end is missing")


def _end_record_64(read_at: ReadAt, end: int, stated: int) -> tuple[int, int, int]:
    """Read the record of ZIP64: right before its locator or, where it has extensions, where that says."""
    for at in (end - _END_64.size, stated):
        record = read_at(at, _END_64.size) if at < end else b""
        if len(record) == _END_64.size and record.startswith(b"PK\x06\x06"):
            return (at, *_END_64.unpack(record))
    raise Malformed("the ZIP64 record is not where its locator says")
