"""Reading a descriptor within a limit, and nothing but regular files."""

from __future__ import annotations

import io
import os
import stat

from agent.host.errors import LimitReached, NotAFile

LIMIT = 64 * 1024 * 1024
"""Bytes that a read gives by default before it stops with LimitReached."""


class Limited(io.RawIOBase):
    """A descriptor of which at most limit bytes are read; more of them raise LimitReached."""

    def __init__(self, fd: int, limit: int, path: str) -> None:
        self._fd = fd
        self._left = limit
        self._limit = limit
        self._path = path

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Read once into a buffer; LimitReached when that is more than there may be."""
        count = os.readv(self._fd, [buffer])
        self._left -= count
        if self._left < 0:
            raise LimitReached(f"{self._path}: longer than {self._limit} bytes")
        return count

    def fileno(self) -> int:
        """Give the descriptor, of which this is the owner."""
        return self._fd

    def close(self) -> None:
        """Close the descriptor."""
        if not self.closed:
            os.close(self._fd)
        super().close()


def read_all(fd: int, limit: int, path: str) -> bytes:
    """Read a descriptor to its end; LimitReached when that is past limit bytes.

    A first read of the size that the file claims, and one more that finds its end, are the usual two;
    a file of proc or sys claims none and is read in pages.
    """
    chunks = []
    total = 0
    size = os.fstat(fd).st_size or 16 * 1024
    while chunk := os.read(fd, min(size + 1, limit + 1 - total)):
        chunks.append(chunk)
        total += len(chunk)
        if total > limit:
            raise LimitReached(f"{path}: longer than {limit} bytes")
    return b"".join(chunks)


def require_regular(mode: int, path: str) -> None:
    """Raise NotAFile unless a mode is that of a regular file."""
    if not stat.S_ISREG(mode):
        raise NotAFile(f"{path} is not a regular file; it was not opened")
