"""The entries of a zip file and the content of single ones (PKWARE's APPNOTE.TXT 6.3, ZIP64 included).

Only the central directory and the entries that are asked for are read. Every offset and length is the file's own
word and is checked; what stands before the archive (the #! line of a zipapp, the script of an executable jar) is allowed.
"""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from agent.formats.zip_end import Malformed, NoZip, find

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from agent.formats.read_at import ReadAt

__all__ = ["Entry", "Malformed", "NoZip", "TooLong", "beginning", "content", "entries", "start_of"]

DIRECTORY_LIMIT = 32 * 1024 * 1024
"""Bytes that a central directory may have: some 300,000 entries. It is read in pieces and never held whole."""
STORED, DEFLATED = 0, 8

_HEADER = struct.Struct("<4x6xH8xLLHHH8xL")
_LENGTHS = struct.Struct("<HHH")
_LOCAL = struct.Struct("<4x2xH18xHH")
_PIECE = 256 * 1024
_PACKED_PIECE = 64 * 1024
_WIDE = 0xFFFFFFFF


class TooLong(ValueError):
    """The directory or the content of an entry is longer than its limit."""


class Entry(NamedTuple):
    """A file in the archive, as the central directory has it.

    name: Path in the archive; bytes that are no UTF-8 are replaced.
    size: Bytes of its content.
    compressed_size: Bytes that it takes in the archive.
    method: How it is packed: STORED, DEFLATED or another.
    offset: Where its local header starts in the file, bytes.
    """

    name: str
    size: int
    compressed_size: int
    method: int
    offset: int


def entries(read_at: ReadAt, size: int, wanted: re.Pattern[bytes] | None = None) -> Iterator[Entry]:
    """Give the entries of a zip file of so many bytes, in the directory's order.

    wanted: Only those whose name it matches, from the start of the name; others cost next to nothing.
    NoZip where it has no end of a zip file, Malformed where the directory breaks off, TooLong past DIRECTORY_LIMIT.
    """
    start, end, prefix = find(read_at, size)
    if end - start > DIRECTORY_LIMIT:
        raise TooLong(f"the zip directory is longer than {DIRECTORY_LIMIT} bytes")
    for piece, at, named in _headers(read_at, start, end):
        if wanted is None or wanted.match(piece, at + _HEADER.size, at + _HEADER.size + named):
            entry = _entry(piece, at, prefix)
            if entry.offset >= start:
                raise Malformed("an entry of the zip file lies behind its directory")
            yield entry


def content(read_at: ReadAt, entry: Entry, limit: int) -> bytes:
    """Read the content of an entry; TooLong when it is longer than limit bytes, whatever size it claims.

    Malformed where it is not there, is encrypted, or is neither stored nor deflated. Its checksum is not compared.
    """
    if entry.compressed_size > limit + limit // 8 + 1024:
        raise TooLong(f"longer than {limit} bytes")
    unpacked = beginning(read_at, entry, limit + 1)
    if len(unpacked) > limit:
        raise TooLong(f"longer than {limit} bytes")
    return unpacked


def beginning(read_at: ReadAt, entry: Entry, limit: int) -> bytes:
    """Read at most the first limit bytes of the content of an entry; Malformed as content."""
    start = start_of(read_at, entry)
    if entry.method == DEFLATED:
        return _inflate(read_at, start, entry.compressed_size, limit)
    if entry.method == STORED:
        size = min(entry.compressed_size, limit)
        return _whole(read_at(start, size), size)
    raise Malformed(f"zip method {entry.method} is not read")


def start_of(read_at: ReadAt, entry: Entry) -> int:
    """Give the offset of an entry's bytes in the file; Malformed where no local header is or it is encrypted."""
    header = _whole(read_at(entry.offset, _LOCAL.size), _LOCAL.size)
    if not header.startswith(b"PK\x03\x04"):
        raise Malformed("an entry of the zip file is not where the directory says")
    flags, named, extra = _LOCAL.unpack(header)
    if flags & 1:
        raise Malformed("an entry of the zip file is encrypted")
    return int(entry.offset + _LOCAL.size + named + extra)


def _headers(read_at: ReadAt, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Go through the directory: a piece of it, where in the piece a header starts, and how long its name is."""
    piece = b""
    at = 0
    while start + at < end:
        needed = _HEADER.size
        if at + needed <= len(piece):
            named, extra, comment = _LENGTHS.unpack_from(piece, at + 28)
            needed += named + extra
        if at + needed > len(piece):
            if piece and not at:
                raise Malformed("the zip directory breaks off within an entry")
            start += at
            piece, at = read_at(start, min(_PIECE, end - start)), 0
            if not piece.startswith(b"PK\x01\x02"):
                raise Malformed("the zip directory is not where its end says")
            continue
        if piece[at : at + 4] != b"PK\x01\x02":
            raise Malformed("the zip directory holds something else")
        yield piece, at, named
        at += needed + comment


def _entry(piece: bytes, at: int, prefix: int) -> Entry:
    method, compressed_size, size, named, extra, _, offset = _HEADER.unpack_from(piece, at)
    at += _HEADER.size
    name = piece[at : at + named].decode("utf-8", "replace")
    if _WIDE in (size, compressed_size, offset):
        fields = piece[at + named : at + named + extra]
        size, compressed_size, offset = _widened(fields, (size, compressed_size, offset))
    return Entry(name, size, compressed_size, method, offset + prefix)


def _widened(fields: bytes, narrow: tuple[int, int, int]) -> Iterator[int]:
    """Replace numbers that do not fit in 32 bits by those of the ZIP64 field, which has only these, in this order."""
    numbers = _field_64(fields)
    for number in narrow:
        if number != _WIDE:
            yield number
        else:
            yield int.from_bytes(_whole(numbers[:8], 8), "little")
            numbers = numbers[8:]


def _field_64(fields: bytes) -> bytes:
    at = 0
    while at + 4 <= len(fields):
        kind, length = struct.unpack_from("<HH", fields, at)
        if kind == 1:
            return fields[at + 4 : at + 4 + length]
        at += 4 + length
    return b""


def _inflate(read_at: ReadAt, start: int, length: int, limit: int) -> bytes:
    """Unpack until it ends or so many bytes are there, which are held only once."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    unpacked = BytesIO()
    end = start + min(length, 2 * limit + 1024)
    try:
        while not inflater.eof and unpacked.tell() < limit:
            packed = inflater.unconsumed_tail
            if not packed:
                packed = _whole(read_at(start, min(_PACKED_PIECE, end - start)), 1)
                start += len(packed)
            unpacked.write(inflater.decompress(packed, min(limit - unpacked.tell(), _PIECE)))
    except zlib.error as error:
        raise Malformed(f"an entry of the zip file cannot be unpacked: {error}") from error
    return unpacked.getvalue()


def _whole(read: bytes, count: int) -> bytes:
    if len(read) < count:
        raise Malformed("an entry of the zip file breaks off")
    return read
