"""A regular file that a walk met, opened only when somebody reads it."""

from __future__ import annotations

import os

from agent.host.reading import read_all, require_regular

_MAGIC = ((b"\x7fELF", "elf"), (b"#!", "script"), (b"PK\x03\x04", "zip"))


class Found:
    """A regular file below a root, named by an open directory and its name; no link is followed.

    path: Its path below the root.
    size: Its size in bytes, as the directory's walk saw it.
    executable: Whether anybody may execute it.
    """

    def __init__(self, directory_fd: int, path: str, size: int, executable: bool) -> None:
        self.path = path
        self.size = size
        self.executable = executable
        self._directory_fd = directory_fd
        self._fd = -1

    @property
    def name(self) -> str:
        """Its name in its directory."""
        return self.path.rpartition("/")[2]

    def form(self) -> str:
        """Tell what its first bytes say that it is: elf, script (#!) or zip; empty for anything else. OSError as the kernel's."""
        start = self.read_at(0, 4)
        return next((form for magic, form in _MAGIC if start.startswith(magic)), "")

    def read(self, limit: int) -> bytes:
        """Read it whole; LimitReached when it is longer than limit bytes, OSError as the kernel's."""
        fd = self._open()
        os.lseek(fd, 0, os.SEEK_SET)
        return read_all(fd, limit, self.path)

    def read_at(self, offset: int, count: int) -> bytes:
        """Read at most count bytes from an offset; fewer at its end."""
        return os.pread(self._open(), count, offset)

    def sibling(self, name: str, limit: int) -> bytes:
        """Read a regular file of the same directory."""
        beside = Found(self._directory_fd, f"{self.path.rpartition('/')[0]}/{name}", 0, False)
        try:
            return beside.read(limit)
        finally:
            beside.close()

    def close(self) -> None:
        """Close it, if it was opened."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _open(self) -> int:
        if self._fd < 0:
            status = os.stat(self.name, dir_fd=self._directory_fd, follow_symlinks=False)
            require_regular(status.st_mode, self.path)
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
            self._fd = os.open(self.name, flags, dir_fd=self._directory_fd)
        return self._fd
