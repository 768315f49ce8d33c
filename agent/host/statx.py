"""What statx(2) tells of a file beyond stat: whether it is immutable or append-only (chattr(1)). Nothing is opened."""

from __future__ import annotations

import ctypes
import errno
import os
from struct import unpack_from

_FLAGS = 0x100 | 0x800
"""AT_SYMLINK_NOFOLLOW and AT_NO_AUTOMOUNT."""
_SIZE = 256
_ATTRIBUTES = 8
_ATTRIBUTES_MASK = 56
"""Offsets of stx_attributes, and of those of them that the file system supports, in struct statx."""
_NAMES = ((0x10, "immutable"), (0x20, "append_only"))
"""STATX_ATTR_IMMUTABLE and STATX_ATTR_APPEND."""


class Statx:
    """The system call, with the memory that it fills; not to be shared by threads."""

    def __init__(self) -> None:
        self._call = getattr(ctypes.CDLL(None, use_errno=True), "statx", None)
        self._answer = ctypes.create_string_buffer(_SIZE)

    def attributes(self, directory_fd: int, name: str) -> tuple[str, ...] | None:
        """Give those of immutable and append_only that are set.

        None where the file system, the kernel (before 4.11) or the C library (glibc before 2.28) does not tell; OSError
        as the kernel's.
        """
        if self._call is None:
            return None
        if self._call(directory_fd, os.fsencode(name), _FLAGS, 0, self._answer):
            self._fail()
            return None
        (attributes,) = unpack_from("=Q", self._answer, _ATTRIBUTES)
        (supported,) = unpack_from("=Q", self._answer, _ATTRIBUTES_MASK)
        if not any(supported & bit for bit, _ in _NAMES):
            return None
        return tuple(word for bit, word in _NAMES if attributes & supported & bit)

    def _fail(self) -> None:
        code = ctypes.get_errno()
        if code != errno.ENOSYS:
            raise OSError(code, os.strerror(code))
        self._call = None
