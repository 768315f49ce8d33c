"""Directories by their file handles, which stay when names change (open_by_handle_at(2))."""

from __future__ import annotations

import ctypes
import os
import struct
import sys

_HANDLE = struct.Struct("=Ii")
_MOST = 128
"""MAX_HANDLE_SZ."""
_EMPTY_PATH = 0x1000
_NO_DECODING = 0x200
"""AT_HANDLE_FID, Linux 6.5: a handle that identifies, of file systems too that cannot find a file by it."""
_EINVAL = 22


class FileHandles:
    """Finds directories by handles and handles of directories."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)

    def locate(self, mount: int, handle: bytes) -> tuple[str, os.stat_result] | None:
        """Give where a directory is now, as /proc/self/fd names it, and its status; None when it is removed.

        mount: Descriptor of anything on a mount of the file system, not an O_PATH one. A directory that this mount
            does not show has a path that leads elsewhere, or nowhere.

        OSError as of open_by_handle_at(2): ESTALE when it is gone, EPERM without CAP_DAC_READ_SEARCH.
        """
        fd = self.open(mount, handle)
        try:
            status = os.fstat(fd)
            return (os.readlink(f"/proc/self/fd/{fd}"), status) if status.st_nlink else None
        finally:
            os.close(fd)

    def open(self, mount: int, handle: bytes) -> int:
        """Open a directory (O_PATH); OSError as above."""
        flags = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
        fd: int = self._libc.open_by_handle_at(mount, ctypes.create_string_buffer(handle, len(handle)), flags)
        if fd < 0:
            raise _error()
        return fd

    def handle_of(self, directory: int) -> bytes:
        """Give the handle of an open directory; OSError as of name_to_handle_at(2)."""
        for flags in (_EMPTY_PATH | _NO_DECODING, _EMPTY_PATH):
            buffer = ctypes.create_string_buffer(_HANDLE.pack(_MOST, 0), _HANDLE.size + _MOST)
            mount = ctypes.c_int()
            if self._libc.name_to_handle_at(directory, b"", buffer, ctypes.byref(mount), flags) == 0:
                return buffer.raw[: _HANDLE.size + _HANDLE.unpack_from(buffer)[0]]
            if ctypes.get_errno() != _EINVAL:
                break
        raise _error()


def file_system_number(path: str | int) -> bytes:
    """Give the number of the file system of a path or descriptor as events write it (f_fsid of statfs(2))."""
    return (os.statvfs(path).f_fsid & 0xFFFFFFFFFFFFFFFF).to_bytes(8, sys.byteorder)


def _error() -> OSError:
    code = ctypes.get_errno()
    return OSError(code, os.strerror(code))
