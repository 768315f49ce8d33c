"""A regular file that a walk met, opened only when somebody reads it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from agent.host.opening import open_beside
from agent.host.reading import read_all, require_regular

if TYPE_CHECKING:
    from collections.abc import Callable

_MAGIC = ((b"\x7fELF", "elf"), (b"#!", "script"), (b"PK\x03\x04", "zip"))


class Reads:
    """What is read of the files of one walk.

    count: Bytes so far.
    """

    def __init__(self, observe: Callable[[str], None]) -> None:
        self.count = 0
        self.observe = observe


class Found:
    """A regular file below a root, named by an open directory and its name; no link is followed.

    path: Its path below the root.
    size: Its size in bytes, as the directory's walk saw it.
    executable: Whether anybody may execute it.
    """

    def __init__(self, directory_fd: int, path: str, size: int, executable: bool, reads: Reads | None = None) -> None:
        self.path = path
        self.size = size
        self.executable = executable
        self._directory_fd = directory_fd
        self._reads = reads
        self._fd = -1
        self._start: bytes | None = None

    @property
    def name(self) -> str:
        """Its name in its directory."""
        return self.path.rpartition("/")[2]

    def form(self) -> str:
        """Tell what its first bytes say that it is: elf, script (#!) or zip; empty for anything else. OSError as the kernel's."""
        if self._start is None:
            self._start = self.read_at(0, 4)
        start = self._start
        return next((form for magic, form in _MAGIC if start.startswith(magic)), "")

    def read(self, limit: int) -> bytes:
        """Read it whole; LimitReached when it is longer than limit bytes, OSError as the kernel's."""
        fd = self._open()
        os.lseek(fd, 0, os.SEEK_SET)
        return self._counted(read_all(fd, limit, self.path))

    def read_at(self, offset: int, count: int) -> bytes:
        """Read at most count bytes from an offset; fewer at its end."""
        return self._counted(os.pread(self._open(), count, offset))

    def sibling(self, name: str, limit: int) -> bytes:
        """Read a regular file of the same directory."""
        beside = Found(self._directory_fd, f"{self.path.rpartition('/')[0]}/{name}", 0, False, self._reads)
        try:
            return beside.read(limit)
        finally:
            beside.close()

    def status(self) -> os.stat_result:
        """Give its status now, of the open file."""
        return os.fstat(self._open())

    def read_into(self, buffer: bytearray, offset: int) -> int:
        """Fill a buffer from an offset as far as the file goes, without keeping what is read in the page cache."""
        count = os.preadv(self._open(), [buffer], offset)
        os.posix_fadvise(self._open(), offset, count, os.POSIX_FADV_DONTNEED)
        if self._reads:
            self._reads.count += count
        return count

    def close(self) -> None:
        """Close it, if it was opened."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _open(self) -> int:
        if self._fd < 0:
            if self._reads:
                self._reads.observe(self.path)
            status = os.stat(self.name, dir_fd=self._directory_fd, follow_symlinks=False)
            require_regular(status.st_mode, self.path)
            self._fd = open_beside(self.name, self._directory_fd)
        return self._fd

    def _counted(self, content: bytes) -> bytes:
        if self._reads:
            self._reads.count += len(content)
        return content
