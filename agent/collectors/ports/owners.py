"""Which process holds which socket: remembered, verified, or searched for among all descriptors."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.collectors.ports.processes import read_executable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from agent.collectors.ports.memory import Group, Memory
    from agent.host.procfs import ProcFS

SOCKETS_LIMIT = 2_000_000
"""Sockets that a search looks at, of whatever kind."""
_GONE = (FileNotFoundError, ProcessLookupError)


class Holder(NamedTuple):
    """A process and its descriptor of a socket."""

    pid: int
    fd: int


def still_held(proc: ProcFS, wanted: Iterable[int], memory: Memory) -> dict[int, Holder]:
    """Give the holder of each wanted socket whose remembered group is still held, at a link a group."""
    verified: dict[Group, bool] = {}
    held = {}
    for inode in wanted:
        group = memory.groups.get(inode)
        if group is None:
            continue
        if group not in verified:
            verified[group] = _holds_any(proc, group)
        if verified[group]:
            held[inode] = Holder(group.pid, group.fd)
    return held


def _holds_any(proc: ProcFS, group: Group) -> bool:
    try:
        target = proc.link(f"{group.pid}/fd/{group.fd}")
    except OSError:
        return False
    return target.startswith("socket:[") and int(target[8:-1]) in group.inodes


class Search:
    """A search for the holders of sockets.

    found: Holder of each socket by inode.
    denied: Processes whose descriptors may not be read.
    ended: Whether a process ended meanwhile, whose socket another may hold.
    exhausted: Whether the limit ended the search.
    """

    def __init__(self, proc: ProcFS, limit: int = SOCKETS_LIMIT) -> None:
        self._proc = proc
        self._left = limit
        self._walked: set[int] = set()
        self.found: dict[int, Holder] = {}
        self.denied: set[int] = set()
        self.ended = False

    @property
    def exhausted(self) -> bool:
        """Whether the limit ended the search."""
        return self._left <= 0

    def among(self, pids: Sequence[int], wanted: Mapping[int, int]) -> None:
        """Look for sockets (inode to owner's uid) in the processes of one namespace, likely places first.

        What the first process holds, an init that opens sockets for others (systemd.socket(5)), is given
        to the service that it was opened for when that has it too.
        """
        todo = set(wanted)
        first = pids[:1]
        for pid in first:
            self._walk(pid, todo)
        activated = set(wanted) - todo
        for pid in pids[1:]:
            if not (todo or activated):
                return
            self._walk_low(pid, todo, activated)
        for pid in self._likely_first(pids, {wanted[inode] for inode in todo}) if todo else ():
            if not todo or self.exhausted:
                return
            self._walk(pid, todo)

    def elsewhere(self, pids: Iterable[int], wanted: Iterable[int]) -> None:
        """Look for sockets in processes that were not searched yet: one may hold another namespace's socket."""
        todo = set(wanted)
        for pid in pids:
            if not todo or self.exhausted:
                return
            self._walk(pid, todo)

    def _walk(self, pid: int, todo: set[int]) -> None:
        if pid in self._walked:
            return
        self._walked.add(pid)
        try:
            for fd, inode in self._proc.sockets(pid):
                self._left -= 1
                if inode in todo:
                    todo.remove(inode)
                    self.found[inode] = Holder(pid, fd)
                    if not todo:
                        self._walked.discard(pid)
                        return
        except PermissionError:
            self.denied.add(pid)
        except _GONE:
            self.ended = True

    def _walk_low(self, pid: int, todo: set[int], activated: set[int]) -> None:
        if pid in self.denied:
            return
        try:
            for fd, inode in self._proc.sockets(pid, low=True):
                if inode in todo:
                    todo.remove(inode)
                    self.found[inode] = Holder(pid, fd)
                elif inode in activated and self._is_other_program(pid, self.found[inode].pid):
                    activated.remove(inode)
                    self.found[inode] = Holder(pid, fd)
        except PermissionError:
            self.denied.add(pid)
        except _GONE:
            self.ended = True

    def _is_other_program(self, pid: int, holder: int) -> bool:
        return read_executable(self._proc, pid) != read_executable(self._proc, holder)

    def _likely_first(self, pids: Iterable[int], uids: set[int]) -> list[int]:
        """Order processes: first those of the users who own the sockets."""
        return sorted(pids, key=lambda pid: self._uid(pid) not in uids)

    def _uid(self, pid: int) -> int | None:
        try:
            return self._proc.stat(str(pid)).st_uid
        except OSError:
            return None
