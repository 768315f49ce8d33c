"""The lines of a snapshot as they are stored, passed over in blocks: of most lines not even the key is looked at."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK = 128 * 1024


class StoredLines:
    """A place between two lines of a checked snapshot, which moves forward; a key is found by bisection.

    fd: Descriptor of the file, which stays the caller's.
    start, end: Where the lines begin and end in it, in bytes.
    """

    def __init__(self, fd: int, start: int, end: int) -> None:
        self._fd = fd
        self._next = start
        self._end = end
        self._block = b""
        self._at = 0
        self._stop = 0

    def until(self, key_json: bytes) -> Iterator[memoryview]:
        """Give the lines with lesser keys in blocks; once all are given the place is before any other line."""
        while self._has_lines():
            start, self._at = self._at, self._place_of(key_json)
            if self._at > start:
                yield memoryview(self._block)[start : self._at]
            if self._at < self._stop:
                return

    def rest(self) -> Iterator[memoryview]:
        """Give all lines that follow in blocks."""
        while self._has_lines():
            start, self._at = self._at, self._stop
            yield memoryview(self._block)[start : self._stop]

    def take(self, key_json: bytes) -> bytes | None:
        """Give the line that follows and move behind it if it has this key; None if not."""
        if not self._has_lines() or self._key_at(self._at) != key_json:
            return None
        start, self._at = self._at, self._block.index(b"\n", self._at) + 1
        return self._block[start : self._at]

    def skip(self, key_json: bytes) -> None:
        """Move before the first line whose key is not lesser, by reading a few blocks of the file alone."""
        low, high = self._next - (self._stop - self._at), self._end
        while high - low > _BLOCK:
            middle = (low + high) // 2
            self._next = self._line_after(middle)
            self._at = self._stop = 0
            if self._next < high and self._has_lines() and self._key_at(0) < key_json:
                low = self._next - self._stop
            else:
                high = middle
        self._next, self._at, self._stop = low, 0, 0
        for _ in self.until(key_json):
            pass

    def _has_lines(self) -> bool:
        """Tell whether a line follows, and have it in the block."""
        if self._at == self._stop and self._next < self._end:
            self._block = self._read(self._next)
            self._at, self._stop = 0, self._block.rindex(b"\n") + 1
            self._next += self._stop
        return self._at < self._stop

    def _read(self, place: int) -> bytes:
        """Read a block that holds the end of a line."""
        size = _BLOCK
        while True:
            block = os.pread(self._fd, min(size, self._end - place), place)
            if b"\n" in block:
                return block
            if size >= self._end - place:
                raise OSError(errno.EIO, "a snapshot ends within a line")
            size *= 2

    def _line_after(self, place: int) -> int:
        return place + self._read(place).index(b"\n") + 1

    def _place_of(self, key_json: bytes) -> int:
        """Give the place in the block of the first line whose key is not lesser; the block's end when all are."""
        low, high = self._at, max(self._at, self._block.rfind(b"\n", self._at, self._stop - 1) + 1)
        if self._key_at(low) >= key_json:
            return low
        if self._key_at(high) < key_json:
            return self._stop
        while True:  # the key at low is lesser, the one at high is not
            middle = self._block.rfind(b"\n", low, (low + high) // 2) + 1
            if middle <= low:
                middle = self._block.index(b"\n", low) + 1
                if middle == high:
                    return high
            if self._key_at(middle) < key_json:
                low = middle
            else:
                high = middle

    def _key_at(self, place: int) -> bytes:
        return self._block[place : self._block.index(b"\t", place)]
