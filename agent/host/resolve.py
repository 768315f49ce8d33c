"""Opening a path below a root so that no link, no `..` and no magic link leads out of it.

openat2(2) does it in the kernel (5.6 and later); where it is missing or forbidden, or renames keep
disturbing it, a walk that opens one component after the other with O_PATH | O_NOFOLLOW does the same with
more system calls. A magic link of proc is an error to the former and its mere text to the latter.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat

_OPENAT2 = 437
"""Number of openat2 on every architecture that Linux added it to."""
_RESOLVE_NO_MAGICLINKS = 0x02
_RESOLVE_IN_ROOT = 0x10
_RACES = 16
"""How often a walk that a concurrent rename disturbed (EAGAIN) is tried again before the other way is taken."""
_LINKS = 40
"""Most links that one path may take, as in the kernel (path_resolution(7))."""


class _OpenHow(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


class Resolver:
    """Opens paths below one directory descriptor."""

    def __init__(self, root_fd: int, in_kernel: bool = True) -> None:
        self._root_fd = root_fd
        self._in_kernel = in_kernel
        self._syscall = ctypes.CDLL(None, use_errno=True).syscall
        self._how = _OpenHow(0, 0, _RESOLVE_IN_ROOT | _RESOLVE_NO_MAGICLINKS)
        self._how_pointer = ctypes.byref(self._how)
        self._how_size = ctypes.c_size_t(ctypes.sizeof(_OpenHow))

    def open(self, path: bytes, flags: int) -> int:
        """Open a path below the root, absolute or relative alike; OSError as the kernel's."""
        if not path or b"\0" in path:
            raise _error(errno.ENOENT, path)
        if self._in_kernel:
            try:
                return self._openat2(path, flags)
            except OSError as error:
                if error.errno == errno.ENOSYS:
                    self._in_kernel = False
                elif error.errno not in (errno.EPERM, errno.EAGAIN):
                    raise
        return self._walk(path, flags)

    def _openat2(self, path: bytes, flags: int) -> int:
        self._how.flags = flags | os.O_CLOEXEC
        for _ in range(_RACES):
            fd: int = self._syscall(_OPENAT2, self._root_fd, path, self._how_pointer, self._how_size)
            if fd >= 0:
                return fd
            code = ctypes.get_errno()
            if code != errno.EAGAIN:
                break
        raise _error(code, path)

    def _walk(self, path: bytes, flags: int) -> int:
        """Resolve in user space: a stack of directory descriptors, of which the root is never left."""
        todo = _components(path)
        stack = [os.dup(self._root_fd)]
        links = 0
        try:
            while todo:
                name = todo.pop()
                if name in (b".", b".."):
                    _require_directory(stack[-1])
                    if name == b".." and len(stack) > 1:
                        os.close(stack.pop())
                    continue
                last = not todo
                fd = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=stack[-1])
                stack.append(fd)
                if not stat.S_ISLNK(os.fstat(fd).st_mode) or (last and flags & os.O_NOFOLLOW):
                    continue
                links += 1
                target = os.readlink(b"", dir_fd=fd)
                os.close(stack.pop())
                if links > _LINKS:
                    raise _error(errno.ELOOP, path)
                if target.startswith(b"/"):
                    while len(stack) > 1:
                        os.close(stack.pop())
                todo.extend(_components(target))
            if flags & os.O_DIRECTORY:
                _require_directory(stack[-1])
            return _reopen(stack[-1], flags)
        finally:
            for fd in stack:
                os.close(fd)


def _components(path: bytes) -> list[bytes]:
    """Split a path into its components, last first; a slash at the end means the directory itself."""
    names = [name for name in path.split(b"/") if name]
    if path.endswith(b"/"):
        names.append(b".")
    return names[::-1]


def _require_directory(fd: int) -> None:
    """Raise OSError unless a descriptor is that of a directory that may be searched, as `.` and `..` need."""
    os.close(os.open(b".", os.O_PATH | os.O_CLOEXEC, dir_fd=fd))


def _reopen(fd: int, flags: int) -> int:
    """Open what an O_PATH descriptor names for good, through the agent's own process directory."""
    if flags & os.O_PATH:
        return os.dup(fd)
    return os.open(f"/proc/self/fd/{fd}", (flags & ~os.O_NOFOLLOW) | os.O_CLOEXEC)


def _error(code: int, path: bytes) -> OSError:
    return OSError(code, os.strerror(code), os.fsdecode(path))
