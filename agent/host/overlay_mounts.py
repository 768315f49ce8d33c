"""The overlays that are mounted in the host's mount namespace, which is where runtimes make the roots of containers."""

from __future__ import annotations

import os
import select
from typing import TYPE_CHECKING, NamedTuple

from agent.formats.mountinfo import mounts
from agent.host.reading import read_all

if TYPE_CHECKING:
    from collections.abc import Iterator

_LIMIT = 64 * 1024 * 1024
_OVERLAY = b" - overlay "


class Overlay(NamedTuple):
    """An overlay that is mounted.

    point: Where, in the host's mount namespace.
    device: Number of its file system.
    """

    point: str
    device: int


class OverlayMounts:
    """Lists them; readable for poll (POLLPRI) when anything was mounted or unmounted."""

    _fd = -1

    def __init__(self, proc: str, reference: str) -> None:
        """Look at the mounts of a process; OSError where that may not be done."""
        self._fd = os.open(f"{proc}/{reference}/mountinfo", os.O_RDONLY | os.O_CLOEXEC)
        self._root = f"{proc}/{reference}/root"
        self._changes = select.poll()
        self._changes.register(self._fd, select.POLLPRI | select.POLLERR)

    def close(self) -> None:
        """Let go of mountinfo; one that is forgotten lets go of itself."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    __del__ = close

    def fileno(self) -> int:
        """Give the descriptor of mountinfo."""
        return self._fd

    def now(self) -> Iterator[Overlay]:
        """Give those that there are now but for one that is the host's own root; OSError, ValueError or LimitReached."""
        self._changes.poll(0)
        os.lseek(self._fd, 0, os.SEEK_SET)
        content = read_all(self._fd, _LIMIT, "mountinfo")
        lines = (line for line in content.split(b"\n") if _OVERLAY in line) if _OVERLAY in content else ()
        for mount in mounts(lines):
            if mount.point != "/":
                major, _, minor = mount.device.partition(":")
                yield Overlay(mount.point, os.makedev(int(major), int(minor)))

    def open(self, overlay: Overlay) -> int:
        """Open the directory that an overlay is mounted at; OSError where it is covered by another mount or gone."""
        return open_top(f"{self._root}{overlay.point}", overlay.device)


def open_top(path: str, device: int | None = None) -> int:
    """Open a directory, which must be on a file system if one is named; OSError otherwise."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NONBLOCK | os.O_CLOEXEC)
    if device is not None and os.fstat(fd).st_dev != device:
        os.close(fd)
        raise FileNotFoundError(2, "another file system is there", path)
    return fd
