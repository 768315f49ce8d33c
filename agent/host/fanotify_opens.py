"""A fanotify group that hands out a descriptor of each file that is opened, until it is told to ignore that file.

Overlays, of which containers are made, have no handles by which events could name directories (fanotify(7)): so
descriptors it is.
"""

from __future__ import annotations

import errno
import os

from agent.formats.fanotify_event import OPEN, OPEN_EXEC
from agent.host.fanotify_queue import Queue

_ADD, _REMOVE, _FLUSH = 0x1, 0x2, 0x80
_MOUNT, _FILE_SYSTEM = 0x10, 0x100
_IGNORED_MASK, _SURVIVES_MODIFY = 0x20, 0x40
_EVICTABLE = 0x200
"""Linux 5.19."""
_READ = 64 * 24
"""Bytes taken from the queue at once: 64 events, each of which takes a descriptor; one more than there may be is lost."""
_DELETED = " (deleted)"
_PINNED = 8192
"""Files that may be ignored where the kernel cannot forget them by itself: each keeps its inode in memory."""


class OpenGroup:
    """A queue of opened files.

    pinned: Files that are ignored and that the kernel keeps in memory for it.
    """

    def __init__(self) -> None:
        """Open it; OSError as of fanotify_init(2)."""
        self._queue = Queue(0, os.O_RDONLY | os.O_NONBLOCK | os.O_LARGEFILE)
        self._evictable = _EVICTABLE
        self.pinned = 0
        self.close = self._queue.close
        self.fileno = self._queue.fileno

    def read(self) -> bytes:
        """Take events from the queue, to be read by agent.formats.fanotify_event.opens; each has a descriptor to close."""
        return self._queue.read(_READ)

    @staticmethod
    def path_of(fd: int) -> str:
        """Give the path of an open file as the top of the mount namespace that it was opened in shows it; OSError as the kernel's."""
        return os.readlink(f"/proc/self/fd/{fd}").removesuffix(_DELETED)

    @staticmethod
    def mount_of(fd: int) -> int | None:
        """Give the number of the mount through which a file was opened (proc_pid_fdinfo(5)); None where it is not told."""
        with open(f"/proc/self/fdinfo/{fd}", "rb") as info:
            for line in info:
                if line.startswith(b"mnt_id:"):
                    return int(line[7:])
        return None

    def mark_file_system(self, directory: int) -> None:
        """Ask for what is opened anywhere on the file system of an open directory; OSError as of fanotify_mark(2)."""
        self._queue.mark(_ADD | _FILE_SYSTEM, OPEN | OPEN_EXEC, directory)

    def mark_mount(self, directory: int) -> None:
        """Ask for what is opened through the mount that an open directory is on; OSError as of fanotify_mark(2)."""
        self._queue.mark(_ADD | _MOUNT, OPEN | OPEN_EXEC, directory)

    def ignore(self, fd: int, mask: int) -> None:
        """Drop from now on what happens to an open file; a failure costs one event more, each time that it is opened."""
        try:
            self._ignore(fd, mask)
        except OSError as error:
            if error.errno == errno.EINVAL and self._evictable:
                self._evictable = 0
                self.ignore(fd, mask)

    def _ignore(self, fd: int, mask: int) -> None:
        if not self._evictable:
            if self.pinned >= _PINNED:
                self.forget_ignored()
            self.pinned += 1
        self._queue.mark(_ADD | _IGNORED_MASK | _SURVIVES_MODIFY | self._evictable, mask, fd, None)

    def forget_ignored(self) -> None:
        """Have every file told again when it is opened."""
        self._queue.mark(_FLUSH, 0, path=None)
        self.pinned = 0

    def forget_file_system(self, directory: int) -> None:
        """Take back what was asked for of a file system; one that is gone has taken it along."""
        self._queue.mark(_REMOVE | _FILE_SYSTEM, OPEN | OPEN_EXEC, directory)
