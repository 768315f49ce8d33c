"""The journal of events: lines in a file of bounded size, which the next scan takes over.

The scan renames the file. What was appended at that very moment is written again to a new one, so that a line may be
read twice but is never lost.
"""

from __future__ import annotations

import os

NAME = "events.journal"
"""Name of the file in the folder of the section."""
LIMIT = 4 * 1024 * 1024
"""Bytes of the file."""
_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_TRIES = 3


class Journal:
    """The journal as its only writer sees it.

    size: Bytes of it when it was last written to.
    """

    _fd = -1

    def __init__(self, folder: str, limit: int = LIMIT) -> None:
        self._path = os.path.join(folder, NAME)
        self._limit = limit
        self.size = 0

    def close(self) -> None:
        """Let go of the file; one that is forgotten lets go of itself."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    __del__ = close

    def append(self, lines: list[tuple[bytes, int]]) -> int:
        """Write lines, each with the events in it; give how many events could not be, for want of space or by any other failure."""
        missed = sum(events for _, events in lines)
        try:
            for _ in range(_TRIES):
                if not self._is_current():
                    self._reopen()
                missed = self._write(lines)
                if self._is_current():
                    break
        except OSError:
            self.close()
        return missed

    def _is_current(self) -> bool:
        """Tell whether the file that is open is still the one that has the name."""
        if self._fd < 0:
            return False
        try:
            named, ours = os.lstat(self._path), os.fstat(self._fd)
        except FileNotFoundError:
            return False
        return (named.st_dev, named.st_ino) == (ours.st_dev, ours.st_ino)

    def _reopen(self) -> None:
        """Open the file that has the name; a line that a watcher before could not end is ended."""
        self.close()
        self._fd = os.open(self._path, _FLAGS, 0o600)
        size = os.fstat(self._fd).st_size
        if size and os.pread(self._fd, 1, size - 1) != b"\n":
            os.write(self._fd, b"\n")

    def _write(self, lines: list[tuple[bytes, int]]) -> int:
        """Append the lines that there is room for; give the events of those that there is not."""
        size = os.fstat(self._fd).st_size
        room = self._limit - size
        fitting, missed = [], 0
        for content, events in lines:
            if len(content) <= room:
                room -= len(content)
                fitting.append(content)
            else:
                missed += events
        self._put(size, b"".join(fitting))
        self.size = self._limit - room
        return missed

    def _put(self, size: int, content: bytes) -> None:
        """Append all or nothing; OSError for nothing."""
        try:
            written = os.write(self._fd, content)
        except OSError:
            written = -1
        if written != len(content):
            os.ftruncate(self._fd, size)
            raise OSError("the journal could not be written")
