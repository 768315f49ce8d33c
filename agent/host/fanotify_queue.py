"""The two system calls of fanotify(7) and the queue that they give. It only notifies: nobody ever waits for its reader."""

from __future__ import annotations

import ctypes
import os

_CLOSE_ON_EXEC, _NONBLOCK = 0x1, 0x2
_CURRENT = -100
"""AT_FDCWD."""


class Queue:
    """A queue of events (FAN_CLASS_NOTIF) with the marks that fill it."""

    _fd = -1

    def __init__(self, flags: int, event_flags: int) -> None:
        """Open it; OSError as of fanotify_init(2).

        flags: What of fanotify_init it takes beside what every queue has.
        event_flags: With what flags descriptors in events are opened.
        """
        libc = ctypes.CDLL(None, use_errno=True)
        try:
            self._mark = libc.fanotify_mark
            init = libc.fanotify_init
        except AttributeError:
            raise OSError(38, "the C library has no fanotify") from None
        self._mark.argtypes = (ctypes.c_int, ctypes.c_uint, ctypes.c_uint64, ctypes.c_int, ctypes.c_char_p)
        self._fd = _checked(init(_CLOSE_ON_EXEC | _NONBLOCK | flags, event_flags | os.O_CLOEXEC))

    def close(self) -> None:
        """Let go of it with all its marks; one that is forgotten lets go of itself."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    __del__ = close

    def fileno(self) -> int:
        """Give the descriptor that is readable when there are events."""
        return self._fd

    def read(self, size: int) -> bytes:
        """Take at most so many bytes of events from the queue; nothing when there are none."""
        try:
            return os.read(self._fd, size)
        except BlockingIOError:
            return b""

    def mark(self, flags: int, mask: int, fd: int | None = None, path: bytes | None = b".") -> None:
        """Change a mark; OSError as of fanotify_mark(2).

        fd: An open directory that path is relative to; without a path, the open file itself.
        """
        _checked(self._mark(self._fd, flags, mask, _CURRENT if fd is None else fd, path))


def _checked(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
