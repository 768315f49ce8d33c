"""An open directory, for cheap work on many of its files."""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING

from agent.host.errors import LimitReached
from agent.host.reading import LIMIT, read_all, require_regular

if TYPE_CHECKING:
    from collections.abc import Callable

NAMES_LIMIT = 100_000
"""Names that one directory may hold before a listing stops with LimitReached."""


class Directory:
    """An open directory: its files are read by name, relative to it, and no link among them is followed."""

    def __init__(self, fd: int, path: str, observe: Callable[[str], None] | None) -> None:
        self.fd = fd
        self._path = path.rstrip("/")
        self._observe = observe

    def __enter__(self) -> Directory:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.fd)

    def names(self) -> list[str]:
        """Give the names in it, sorted; LimitReached when there are too many."""
        found = []
        with os.scandir(self.fd) as entries:
            for entry in entries:
                found.append(entry.name)
                if len(found) > NAMES_LIMIT:
                    raise LimitReached(f"{self._path}: more than {NAMES_LIMIT} names")
        return sorted(found)

    def links(self) -> dict[str, str]:
        """Give the links in it with their targets as they are written; nothing else in it is touched."""
        with os.scandir(self.fd) as entries:
            names = [entry.name for entry in islice(entries, NAMES_LIMIT) if entry.is_symlink()]
        return {name: os.readlink(name, dir_fd=self.fd) for name in names}

    def stat(self, name: str) -> os.stat_result:
        """Give the status of a file in it, of a link itself."""
        self._see(name)
        return os.stat(name, dir_fd=self.fd, follow_symlinks=False)

    def read(self, name: str, limit: int = LIMIT) -> bytes:
        """Read a regular file in it; NotAFile for a link, a FIFO or a device."""
        require_regular(self.stat(name).st_mode, f"{self._path}/{name}")
        fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC, dir_fd=self.fd)
        try:
            return read_all(fd, limit, f"{self._path}/{name}")
        finally:
            os.close(fd)

    def _see(self, name: str) -> None:
        if "/" in name or name in (".", ".."):
            raise ValueError(f"{name!r} is not a name in a directory")
        if self._observe:
            self._observe(f"{self._path}/{name}")
