"""The mounts that paths are on, to find what a directory of a file system is called here (mount_namespaces(7))."""

from __future__ import annotations

import os
import select
from contextlib import contextmanager
from typing import TYPE_CHECKING

from agent.formats.mountinfo import mounts
from agent.host.reading import read_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.formats.mountinfo import Mount

_LIMIT = 64 * 1024 * 1024
_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class LocalMounts:
    """The mounts of this process's namespace; readable for poll (POLLPRI) when they changed."""

    _fd = -1

    def __init__(self) -> None:
        """Read them; OSError or ValueError where they cannot be told."""
        self._fd = os.open("/proc/self/mountinfo", os.O_RDONLY | os.O_CLOEXEC)
        self._changes = select.poll()
        self._changes.register(self._fd, select.POLLPRI | select.POLLERR)
        self._by_point: dict[str, Mount] = {}
        self.refresh()

    def close(self) -> None:
        """Let go of mountinfo; one that is forgotten lets go of itself."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    __del__ = close

    def fileno(self) -> int:
        """Give the descriptor of mountinfo."""
        return self._fd

    def refresh(self) -> None:
        """Read them again; errors as at first."""
        self._changes.poll(0)
        os.lseek(self._fd, 0, os.SEEK_SET)
        lines = read_all(self._fd, _LIMIT, "mountinfo").split(b"\n")[:-1]
        self._by_point = {mount.point: mount for mount in mounts(lines)}

    def below(self, top: str) -> Iterator[Mount]:
        """Give the mount that a directory is on, and those below it."""
        holder = self.of(top)
        if holder:
            yield holder
        start = f"{top.rstrip('/')}/"
        yield from (mount for mount in self._by_point.values() if mount is not holder and mount.point.startswith(start))

    def of(self, path: str) -> Mount | None:
        """Give the mount that an absolute path without links is on."""
        while path:
            mount = self._by_point.get(path)
            if mount:
                return mount
            path = path.rpartition("/")[0]
        return self._by_point.get("/")


def open_mount(mount: Mount) -> int:
    """Open the directory that a mount shows; OSError when it is a file, covered by another, or gone."""
    fd = os.open(mount.point, _OPEN)
    try:
        with open(f"/proc/self/fdinfo/{fd}", "rb") as info:
            if b"mnt_id:\t%d\n" % mount.id not in info.read(4096):
                raise FileNotFoundError(2, "another mount is there", mount.point)
    except BaseException:
        os.close(fd)
        raise
    return fd


def shows(path: str, directory: os.stat_result) -> bool:
    """Tell whether a path leads to a directory."""
    try:
        return os.path.samestat(os.lstat(path), directory)
    except OSError:
        return False


@contextmanager
def closing(fd: int) -> Iterator[int]:
    """Close a descriptor at the end of a block."""
    try:
        yield fd
    finally:
        os.close(fd)
