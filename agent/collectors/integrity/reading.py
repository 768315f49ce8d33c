"""One file's content: its digests, and nothing of it kept, neither here nor in the page cache."""

from __future__ import annotations

import errno
import hashlib
import os
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

FILE_LIMIT = 1024 * 1024 * 1024
"""Bytes of a file beyond which it is not read; its size and times are watched all the same."""
SMALL = 128 * 1024
"""Bytes of files that are read at once where they are in the page cache, as handing them to another thread costs more."""
_BLOCK = 256 * 1024
_ATTEMPTS = 2
_UNCACHED = (errno.EAGAIN, errno.EOPNOTSUPP)


class Content(NamedTuple):
    """What became of reading a file.

    status: As it was when the digests were those of its content; None where it has none.
    digests: Hexadecimal digests by algorithm.
    unread: Why there is none: changing, too_large, unreadable; None where there is.
    size: Bytes that were read.
    """

    status: os.stat_result | None
    digests: dict[str, str]
    unread: str | None
    size: int


class Reader:
    """Reads files one after the other; each thread has one of its own, for the buffer."""

    def __init__(self) -> None:
        self._buffer = bytearray(_BLOCK)

    def read_cached(self, fd: int, status: os.stat_result, algorithms: Iterable[str]) -> Content | None:
        """Digest a small file if it is in the page cache and has not changed since its status was taken; else None."""
        try:
            size = os.preadv(fd, [self._buffer], 0, os.RWF_NOWAIT)
            after = os.fstat(fd)
        except OSError:
            return None
        if size != status.st_size or not _same(status, after):
            return None
        content = memoryview(self._buffer)[:size]
        digests = {name: hashlib.new(name, content, usedforsecurity=False).hexdigest() for name in algorithms}
        digests["sha256"] = hashlib.sha256(content).hexdigest()
        return Content(after, digests, None, size)

    def read(self, fd: int, algorithms: Iterable[str]) -> Content:
        """Digest the file with SHA-256 and other algorithms; once more where it changed meanwhile."""
        count = 0
        try:
            before = os.fstat(fd)
            for _ in range(_ATTEMPTS):
                if before.st_size > FILE_LIMIT:
                    return Content(before, {}, "too_large", count)
                hashers = {name: hashlib.new(name, usedforsecurity=False) for name in ("sha256", *algorithms)}
                count += self._feed(fd, before.st_size, list(hashers.values()))
                after = os.fstat(fd)
                if _same(before, after):
                    return Content(after, {name: hasher.hexdigest() for name, hasher in hashers.items()}, None, count)
                before = after
        except OSError:
            return Content(None, {}, "unreadable", count)
        return Content(before, {}, "changing", count)

    def _feed(self, fd: int, size: int, hashers: list[Any]) -> int:
        """Read as far as the file went when it was looked at, and one block beyond; give the bytes."""
        view = memoryview(self._buffer)
        offset = 0
        cold = False
        while offset <= size:
            read, cached = self._block(fd, offset)
            cold = cold or not cached
            if not read:
                break
            for hasher in hashers:
                hasher.update(view[:read])
            offset += read
        if cold:  # nobody had it in memory, so nobody misses it there
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        return offset

    def _block(self, fd: int, offset: int) -> tuple[int, bool]:
        """Read a block; tell whether the first one of a file was in the page cache: later ones are there by reading ahead."""
        if offset == 0:
            try:
                return os.preadv(fd, [self._buffer], offset, os.RWF_NOWAIT), True
            except OSError as error:
                if error.errno not in _UNCACHED:
                    raise
            return os.preadv(fd, [self._buffer], offset), False
        return os.preadv(fd, [self._buffer], offset), True


def _same(before: os.stat_result, after: os.stat_result) -> bool:
    return (before.st_size, before.st_mtime_ns, before.st_ctime_ns) == (
        after.st_size,
        after.st_mtime_ns,
        after.st_ctime_ns,
    )
