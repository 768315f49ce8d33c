"""A fanotify group: the kernel's queue of what happens to files, of which nobody has to wait (fanotify(7)).

Its events name directories and the names in them; see agent.host.fanotify_opens for a group that hands out descriptors.
"""

from __future__ import annotations

import os

from agent.formats.fanotify_event import (
    ATTRIBUTES,
    CLOSE_WRITE,
    CREATE,
    DELETE,
    MODIFY,
    MOVED_FROM,
    MOVED_TO,
    ON_DIRECTORY,
    OPEN_EXEC,
)
from agent.host.fanotify_queue import Queue

CHANGES = MODIFY | ATTRIBUTES | CLOSE_WRITE | CREATE | DELETE | MOVED_FROM | MOVED_TO
"""All that may change what a path is; CLOSE_WRITE for what is written through memory (mmap(2))."""

_REPORT_DIRECTORY, _REPORT_NAME = 0x400, 0x800
"""Linux 5.9."""
_ADD, _FLUSH = 0x1, 0x80
_FILE_SYSTEM = 0x100
_EVICTABLE, _IGNORE, _SURVIVES_MODIFY = 0x200, 0x400, 0x40
"""Linux 5.19 and 6.0."""
_ON_CHILDREN = 0x08000000
_READ = 32 * 1024
"""Bytes taken from the queue at once: some hundred events."""


class Group:
    """A queue of events with the marks that fill it."""

    def __init__(self) -> None:
        """Open it; OSError as of fanotify_init(2)."""
        self._queue = Queue(_REPORT_DIRECTORY | _REPORT_NAME, os.O_RDONLY)
        self.close = self._queue.close
        self.fileno = self._queue.fileno

    def read(self) -> bytes:
        """Take events from the queue, to be read by agent.formats.fanotify_event; nothing when there are none."""
        return self._queue.read(_READ)

    def mark_file_system(self, directory: int) -> None:
        """Ask for what happens anywhere on the file system of an open directory; OSError as of fanotify_mark(2).

        EPERM without CAP_SYS_ADMIN; EOPNOTSUPP, EXDEV, ENODEV where the file system has no lasting handles.
        """
        self._queue.mark(_ADD | _FILE_SYSTEM, CHANGES | OPEN_EXEC | ON_DIRECTORY, directory)

    def mark_directory(self, directory: int) -> None:
        """Ask for what happens to an open directory and the names in it; OSError as above, ENOSPC past the user's limit."""
        self._queue.mark(_ADD, CHANGES | OPEN_EXEC | ON_DIRECTORY | _ON_CHILDREN, directory)

    def ignore_files(self, directory: int) -> None:
        """Drop what happens to files in an open directory before it is queued; OSError EINVAL before Linux 6.0.

        Events of directories and executions go on. The kernel may forget it (FAN_MARK_EVICTABLE).
        """
        self._queue.mark(_ADD | _IGNORE | _SURVIVES_MODIFY | _EVICTABLE, CHANGES | _ON_CHILDREN, directory)

    def forget_directories(self) -> None:
        """Take back every mark of a directory, those that ignore too."""
        self._queue.mark(_FLUSH, 0, path=None)

    def forget_file_systems(self) -> None:
        """Take back every mark of a file system."""
        self._queue.mark(_FLUSH | _FILE_SYSTEM, 0, path=None)
