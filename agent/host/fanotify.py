"""A fanotify group: the kernel's queue of what happens to files, of which nobody has to wait (fanotify(7)).

It only notifies (FAN_CLASS_NOTIF): nothing that another process does is ever held up by it.
"""

from __future__ import annotations

import ctypes
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

CHANGES = MODIFY | ATTRIBUTES | CLOSE_WRITE | CREATE | DELETE | MOVED_FROM | MOVED_TO
"""All that may change what a path is; CLOSE_WRITE for what is written through memory (mmap(2))."""

_CLOSE_ON_EXEC, _NONBLOCK = 0x1, 0x2
_REPORT_DIRECTORY, _REPORT_NAME = 0x400, 0x800
"""Linux 5.9."""
_ADD, _FLUSH = 0x1, 0x80
_FILE_SYSTEM = 0x100
_EVICTABLE, _IGNORE, _SURVIVES_MODIFY = 0x200, 0x400, 0x40
"""Linux 5.19 and 6.0."""
_ON_CHILDREN = 0x08000000
_CURRENT = -100
"""AT_FDCWD."""
_READ = 32 * 1024
"""Bytes taken from the queue at once: some hundred events."""


class Group:
    """A queue of events with the marks that fill it."""

    _fd = -1

    def __init__(self) -> None:
        """Open it; OSError as of fanotify_init(2)."""
        self._libc = ctypes.CDLL(None, use_errno=True)
        try:
            self._mark = self._libc.fanotify_mark
            self._init = self._libc.fanotify_init
        except AttributeError:
            raise OSError(38, "the C library has no fanotify") from None
        self._mark.argtypes = (ctypes.c_int, ctypes.c_uint, ctypes.c_uint64, ctypes.c_int, ctypes.c_char_p)
        flags = _CLOSE_ON_EXEC | _NONBLOCK | _REPORT_DIRECTORY | _REPORT_NAME
        self._fd = _checked(self._init(flags, os.O_RDONLY | os.O_CLOEXEC))

    def close(self) -> None:
        """Let go of it with all its marks; one that is forgotten lets go of itself."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    __del__ = close

    def fileno(self) -> int:
        """Give the descriptor that is readable when there are events."""
        return self._fd

    def read(self) -> bytes:
        """Take events from the queue, to be read by agent.formats.fanotify_event; nothing when there are none."""
        try:
            return os.read(self._fd, _READ)
        except BlockingIOError:
            return b""

    def mark_file_system(self, directory: int) -> None:
        """Ask for what happens anywhere on the file system of an open directory; OSError as of fanotify_mark(2).

        EPERM without CAP_SYS_ADMIN; EOPNOTSUPP, EXDEV, ENODEV where the file system has no lasting handles.
        """
        self._add(_FILE_SYSTEM, CHANGES | OPEN_EXEC | ON_DIRECTORY, directory)

    def mark_directory(self, directory: int) -> None:
        """Ask for what happens to an open directory and the names in it; OSError as above, ENOSPC past the user's limit."""
        self._add(0, CHANGES | OPEN_EXEC | ON_DIRECTORY | _ON_CHILDREN, directory)

    def ignore_files(self, directory: int) -> None:
        """Drop what happens to files in an open directory before it is queued; OSError EINVAL before Linux 6.0.

        Events of directories and executions go on. The kernel may forget it (FAN_MARK_EVICTABLE).
        """
        self._add(_IGNORE | _SURVIVES_MODIFY | _EVICTABLE, CHANGES | _ON_CHILDREN, directory)

    def forget_directories(self) -> None:
        """Take back every mark of a directory, those that ignore too."""
        _checked(self._mark(self._fd, _FLUSH, 0, _CURRENT, None))

    def forget_file_systems(self) -> None:
        """Take back every mark of a file system."""
        _checked(self._mark(self._fd, _FLUSH | _FILE_SYSTEM, 0, _CURRENT, None))

    def _add(self, flags: int, mask: int, directory: int) -> None:
        _checked(self._mark(self._fd, _ADD | flags, mask, directory, b"."))


def _checked(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
