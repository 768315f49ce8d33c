"""Opening by name below an open directory: no link is followed, nothing blocks, and times of access stay where they may."""

from __future__ import annotations

import errno
import os

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


def open_beside(name: str, directory_fd: int, flags: int = 0) -> int:
    """Open a name in a directory for reading; OSError as the kernel's, ELOOP for a link.

    Only who owns a file may leave its time of access alone (O_NOATIME in open(2)).
    """
    try:
        return os.open(name, _FLAGS | flags | os.O_NOATIME, dir_fd=directory_fd)
    except PermissionError as error:
        if error.errno != errno.EPERM:
            raise
    return os.open(name, _FLAGS | flags, dir_fd=directory_fd)


def open_directory(name: str, directory_fd: int) -> int:
    """Open a directory in a directory; OSError as the kernel's, ENOTDIR for anything else."""
    return open_beside(name, directory_fd, os.O_DIRECTORY)


def open_path(path: str, root_fd: int) -> int:
    """Open a directory below a root, name by name, so that no link is followed on the way either."""
    fd = open_directory(".", root_fd)
    for name in path.split("/")[1:]:
        above = fd
        try:
            fd = open_directory(name, above)
        finally:
            os.close(above)
    return fd
