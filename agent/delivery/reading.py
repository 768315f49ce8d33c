"""Reads snapshot files; one that was not finished or was damaged is never half read."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO
from zlib import crc32

from agent.delivery.stored import StoredLines
from agent.model.snapshot import Footer, read_footer, read_header, read_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.model.codec import Line

CURRENT = "current.snap"
"""Name of a section's last good snapshot in its folder."""
_BLOCK = 256 * 1024
_TAIL = 4096
_TAIL_LIMIT = 1024 * 1024


class CorruptSnapshot(Exception):
    """A snapshot file does not hold what was written to it.

    path: The file, which its reader sets aside.
    """

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{os.path.basename(path)}: {problem}")
        self.path = path


def read_snapshot(path: str) -> Iterator[Line]:
    """Give the lines of a snapshot in order; CorruptSnapshot before the first when it is damaged.

    The file is immutable once it has its name, so that a check before reading is one for good.
    """
    with open(path, "rb") as file:
        footer = _check(file, path)
        file.seek(0)
        _header(file, path)
        for _ in range(footer.count):
            try:
                yield read_line(file.readline())
            except ValueError as error:
                raise CorruptSnapshot(path, str(error)) from None
        if not file.read(1) == b"=":
            raise CorruptSnapshot(path, "it holds more records than its footer counts")


def check(path: str) -> Footer:
    """Read a snapshot's footer after checking all bytes before it; CorruptSnapshot or OSError."""
    with open(path, "rb") as file:
        footer = _check(file, path)
        file.seek(0)
        _header(file, path)
    return footer


def read_footer_of(path: str) -> Footer | None:
    """Read a snapshot's end alone; None when there is no such file or it was not finished."""
    try:
        with open(path, "rb") as file:
            return read_footer(_last_line(file))
    except (OSError, ValueError):
        return None


@contextmanager
def stored_lines(path: str) -> Iterator[StoredLines]:
    """Open the lines of a snapshot that was checked."""
    with open(path, "rb", 0) as file:
        end = file.seek(0, os.SEEK_END) - len(_last_line(file))
        file.seek(0)
        yield StoredLines(file.fileno(), len(file.readline()), end)


def _check(file: BinaryIO, path: str) -> Footer:
    try:
        last = _last_line(file)
        footer = read_footer(last)
    except ValueError as error:
        raise CorruptSnapshot(path, str(error)) from None
    if _checksum(file, file.seek(0, os.SEEK_END) - len(last)) != footer.crc:
        raise CorruptSnapshot(path, "the checksum is wrong")
    return footer


def _header(file: BinaryIO, path: str) -> None:
    try:
        read_header(file.readline())
    except ValueError as error:
        raise CorruptSnapshot(path, str(error)) from None


def _checksum(file: BinaryIO, length: int) -> int:
    file.seek(0)
    checksum = 0
    while length > 0:
        block = file.read(min(_BLOCK, length))
        checksum = crc32(block, checksum)
        length -= len(block) or length
    return checksum


def _last_line(file: BinaryIO) -> bytes:
    """Give the line that starts with the last = after a line's end: no record's line starts so."""
    end = file.seek(0, os.SEEK_END)
    size = _TAIL
    while True:
        file.seek(max(0, end - size))
        tail = file.read(size)
        start = tail.rfind(b"\n=")
        if start >= 0 or size >= min(end, _TAIL_LIMIT):
            return tail[start + 1 :]
        size *= 2
