"""Reading at offsets: what parsers of large files are handed, of a file, of a part of it, or of bytes in memory."""

from __future__ import annotations

from typing import Callable

ReadAt = Callable[[int, int], bytes]
"""Reads at most so many bytes (second) from an offset (first); fewer at the end, as Found.read_at."""


def within(read_at: ReadAt, start: int, size: int) -> ReadAt:
    """Read a part of something as if it were the whole: a stored file in an archive, for example."""

    def read(offset: int, count: int) -> bytes:
        left = min(count, size - offset)
        return read_at(start + offset, left) if left > 0 else b""

    return read


def of(content: bytes) -> ReadAt:
    """Read bytes in memory."""
    return lambda offset, count: content[offset : offset + count]
