"""The process file system of a running system: /proc, or the host's below a container's /host/proc.

Its files are the kernel's own, so paths are joined, not resolved; what they tell is still hostile
(names of processes, paths) and every read has a limit. Processes come and go: ProcessLookupError and
FileNotFoundError are the ordinary end of a process that was there a moment ago.
"""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, NamedTuple

from agent.host.errors import LimitReached
from agent.host.reading import read_all
from agent.host.root import HostRoot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

LIMIT = 16 * 1024 * 1024
"""Bytes that one file of proc may give."""
ALL = "all"
FIRST = "first"
OTHERS = "others"
_FIRST = slice(3, 13)
"""Descriptors after the three standard ones."""
_NUMBERS = tuple(str(number) for number in range(1024))


class Descriptors(NamedTuple):
    """What was looked at of a process's descriptors.

    looked_at: How many numbers were asked for.
    holes: How many of them are not open.
    sockets: Number and inode of those that are sockets.
    """

    looked_at: int
    holes: int
    sockets: list[tuple[int, int]]


class ProcFS:
    """A mounted proc(5)."""

    fd = -1

    def __init__(self, path: str = "/proc", observe: Callable[[str], None] | None = None) -> None:
        self.path = path
        self._observe = observe
        self.fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def close(self) -> None:
        """Let go of it; one that is forgotten lets go of itself."""
        fd, self.fd = self.fd, -1
        if fd >= 0:
            os.close(fd)

    __del__ = close

    def pids(self) -> list[int]:
        """Give the ids of all processes that can be seen, ascending."""
        return sorted(int(name) for name in os.listdir(self.fd) if name.isdigit())

    def read(self, path: str, limit: int = LIMIT) -> bytes:
        """Read a file below proc, for example `1/status` or `net/tcp`."""
        self._see(path)
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC, dir_fd=self.fd)
        try:
            return read_all(fd, limit, f"{self.path}/{path}")
        finally:
            os.close(fd)

    def head(self, path: str, size: int) -> bytes:
        """Read at most size bytes from the start of a file, for one of which the start suffices."""
        self._see(path)
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC, dir_fd=self.fd)
        try:
            return os.read(fd, size)
        finally:
            os.close(fd)

    def exists(self, path: str) -> bool:
        """Tell whether a path is there; an error other than absence is raised."""
        try:
            self.stat(path)
        except FileNotFoundError:
            return False
        return True

    def lines(self, path: str, limit: int = LIMIT) -> Iterator[bytes]:
        """Give the lines of a file below proc as they are asked for; LimitReached past limit bytes."""
        for block in self.blocks(path, limit):
            yield from block.removesuffix(b"\n").split(b"\n")  # not splitlines: a path may hold a carriage return

    def blocks(self, path: str, limit: int = LIMIT) -> Iterator[bytes]:
        """Give a file below proc in blocks of whole lines; LimitReached past limit bytes."""
        self._see(path)
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC, dir_fd=self.fd)
        rest = b""
        try:
            while chunk := os.read(fd, 64 * 1024):
                limit -= len(chunk)
                if limit < 0:
                    raise LimitReached(f"{self.path}/{path}: too long")
                whole, end, behind = chunk.rpartition(b"\n")
                if end:
                    yield rest + whole + end
                    rest = behind
                else:
                    rest += behind
        finally:
            os.close(fd)
        if rest:
            yield rest

    def link(self, path: str) -> str:
        """Give the target of a link below proc, for example `1/exe` or `1/ns/net`."""
        self._see(path)
        return os.readlink(path, dir_fd=self.fd)

    def stat(self, path: str) -> os.stat_result:
        """Give the status of what a path below proc leads to."""
        self._see(path)
        return os.stat(path, dir_fd=self.fd)

    def names(self, path: str) -> list[str]:
        """Give the names in a directory below proc, in the kernel's order."""
        self._see(path)
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=self.fd)
        try:
            return os.listdir(fd)
        finally:
            os.close(fd)

    def sockets(self, pid: int, which: str = ALL) -> Descriptors:
        """Give the sockets among the descriptors of a process: among ALL, the FIRST, or the OTHERS.

        A process is handed its sockets at the first descriptors (sd_listen_fds(3)) or opens them early, so
        that they are likely there. OTHERS is for processes whose FIRST had no holes.
        """
        self._see(f"{pid}/fd")
        folder = os.open(f"{pid}/fd", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=self.fd)
        try:
            if which == FIRST:
                return _sockets_among(folder, _NUMBERS[_FIRST])
            return _sockets_of(folder, _FIRST if which == OTHERS else slice(0, 0))
        finally:
            os.close(folder)

    def links(self, path: str, most: int) -> list[str]:
        """Give the targets of the links in a directory below proc, for example `1/fd`; LimitReached past so many."""
        self._see(path)
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=self.fd)
        try:
            names = os.listdir(folder)
            if len(names) > most:
                raise LimitReached(f"{self.path}/{path}: more than {most} links")
            return list(_targets(folder, names))
        finally:
            os.close(folder)

    def attribute(self, path: str, name: str) -> bytes | None:
        """Give an extended attribute of what a path below proc leads to; None where it has none. OSError as the kernel's."""
        self._see(path)
        try:
            return os.getxattr(f"{self.path}/{path}", name)
        except OSError as error:
            if error.errno in (errno.ENODATA, errno.ENOTSUP):
                return None
            raise

    def root_of(self, pid: int) -> HostRoot:
        """Give the tree that a process sees, out of which nothing leads."""
        return HostRoot(f"{self.path}/{pid}/root", self._observe)

    def _see(self, path: str) -> None:
        if self._observe:
            self._observe(f"{self.path}/{path}")


def _targets(folder: int, names: Sequence[str]) -> Iterator[str]:
    """Give the targets of links; what was closed meanwhile has none."""
    for name in names:
        try:
            yield os.readlink(name, dir_fd=folder)
        except FileNotFoundError:
            continue


def _sockets_of(folder: int, without: slice) -> Descriptors:
    """Look at all descriptors but some.

    Since Linux 6.2 the size of a fd directory is their number. The table of most processes has no holes:
    asking for that many numbers then finds them all, and costs less than a listing.
    """
    count = os.fstat(folder).st_size
    numbers = _NUMBERS[: without.start] + _NUMBERS[without.stop : count] if count <= len(_NUMBERS) else ()
    before = _sockets_among(folder, numbers, to_hole=True)
    if numbers and not before.holes:
        return before
    asked = {*numbers[: before.looked_at], *_NUMBERS[without]}
    behind = _sockets_among(folder, [number for number in os.listdir(folder) if number not in asked])
    return Descriptors(before.looked_at + behind.looked_at, behind.holes, before.sockets + behind.sockets)


def _sockets_among(folder: int, numbers: Sequence[str], to_hole: bool = False) -> Descriptors:
    """Look at the descriptors of some numbers, or of those to the first that is not open."""
    looked_at = holes = 0
    found = []
    for number in numbers:
        looked_at += 1
        try:
            target = os.readlink(number, dir_fd=folder)
        except FileNotFoundError:
            holes += 1
            if to_hole:
                break
            continue
        if target.startswith("socket:["):
            found.append((int(number), int(target[8:-1])))
    return Descriptors(looked_at, holes, found)
