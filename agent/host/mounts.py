"""The mounts below a root, read before anything there is touched, and again when they change (proc(5))."""

from __future__ import annotations

import os
import re
import select
from typing import TYPE_CHECKING

from agent.formats.mountinfo import mounts
from agent.host.excluded import PATHS
from agent.host.reading import read_all
from agent.host.stops import file_systems, stops

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.host.root import HostRoot
    from agent.host.stops import FileSystems, Stop, Stops

_LIMIT = 64 * 1024 * 1024
"""Bytes of mountinfo; 100,000 mounts, the kernel's limit (sysctl fs.mount-max), have some 20 MB."""
_PROCESS_ROOT = re.compile(r"(.*/\d+)/root(/.*)?")


class MountTable:
    """The stops below a root.

    file_system: Type of the file system that the root is on; empty unless each_place.
    """

    def __init__(self, root: HostRoot, excluded: tuple[str, ...] = PATHS, each_place: bool = False) -> None:
        """Read them; OSError where mountinfo cannot be read, ValueError where it does not have the root.

        excluded: Paths that are stops whatever is there (see agent.host.stops).
        each_place: Whether what is seen at several places is walked at each, and the types of file systems are asked for.
        """
        self.file_system = ""
        self._file_systems: FileSystems = {}
        self._excluded = excluded
        self._each_place = each_place
        self._fd, self._prefix, self._top = _source(root)
        self._changes = select.poll()
        self._changes.register(self._fd, select.POLLPRI | select.POLLERR)
        self._stops = self._read()

    def close(self) -> None:
        """Let go of mountinfo."""
        os.close(self._fd)

    def refresh(self) -> None:
        """Read them again if something changed since; errors as at the first reading."""
        if self._changes.poll(0):
            self._stops = self._read()

    def stops_in(self, directory: str) -> Mapping[str, Stop]:
        """Give the stops in a directory by their names, as they were when last read."""
        return self._stops.get(directory, {})

    def file_systems_in(self, directory: str) -> Mapping[str, str]:
        """Give the types of what is mounted in a directory by their names; nothing unless each_place."""
        return self._file_systems.get(directory, {})

    def _read(self) -> Stops:
        os.lseek(self._fd, 0, os.SEEK_SET)
        table = list(mounts(_lines(self._fd)))
        if self._each_place:
            self.file_system, self._file_systems = file_systems(table, self._top, self._prefix)
        return stops(table, self._top, self._prefix, self._excluded, self._each_place)


def _source(root: HostRoot) -> tuple[int, str, int]:
    """Open the mountinfo that has the root's mount: our own, or that of the process whose root it is.

    With it come the path of the root as that mountinfo writes it, and the number of the mount.
    """
    top = _mount_of(root.fileno())
    inside = _PROCESS_ROOT.fullmatch(root.path.rstrip("/"))
    if inside and not _has(_open("/proc/self/mountinfo"), top):
        return _open(f"{inside[1]}/mountinfo"), (inside[2] or ""), top
    return _open("/proc/self/mountinfo"), os.readlink(f"/proc/self/fd/{root.fileno()}").rstrip("/"), top


def _open(path: str) -> int:
    return os.open(path, os.O_RDONLY | os.O_CLOEXEC)


def _has(fd: int, top: int) -> bool:
    try:
        return any(line.startswith(b"%d " % top) for line in _lines(fd))
    finally:
        os.close(fd)


def _mount_of(fd: int) -> int:
    """Give the number of the mount that a descriptor is on (proc(5), fdinfo)."""
    info = _open(f"/proc/self/fdinfo/{fd}")
    try:
        for line in _lines(info):
            if line.startswith(b"mnt_id:"):
                return int(line[7:])
    finally:
        os.close(info)
    raise ValueError("this kernel does not tell the mount of a descriptor")


def _lines(fd: int) -> list[bytes]:
    return read_all(fd, _LIMIT, "mountinfo").split(b"\n")[:-1]
