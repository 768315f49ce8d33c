"""An open regular file that is read at offsets, within a limit: a database, for example."""

from __future__ import annotations

import os

from agent.host.errors import LimitReached


class Blocks:
    """A regular file of which parts are read in any order; LimitReached once they are more than limit bytes in all.

    status: What it was when it was opened.
    """

    def __init__(self, fd: int, path: str, limit: int) -> None:
        self.status = os.fstat(fd)
        self._fd = fd
        self._path = path
        self._left = limit
        self._limit = limit

    def __enter__(self) -> Blocks:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)

    @property
    def size(self) -> int:
        """Its size when it was opened, bytes."""
        return self.status.st_size

    def read_at(self, offset: int, count: int) -> bytes:
        """Read at most count bytes from an offset; fewer at its end. OSError as the kernel's."""
        content = os.pread(self._fd, count, offset)
        self._left -= len(content)
        if self._left < 0:
            raise LimitReached(f"{self._path}: more than {self._limit} bytes were read of it")
        return content
