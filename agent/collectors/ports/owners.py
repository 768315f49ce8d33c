"""Which process holds which socket: remembered, verified, or searched for among all descriptors."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.host.procfs import ALL, FIRST, OTHERS
from agent.sockets.processes import read_executable

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Mapping, Sequence

    from agent.collectors.ports.memory import Group, Memory
    from agent.host.procfs import ProcFS

DESCRIPTORS_LIMIT = 2_000_000
"""Descriptors that a search looks at, some 3 microseconds each."""


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
    """

    def __init__(self, proc: ProcFS, wanted: Iterable[int], limit: int = DESCRIPTORS_LIMIT) -> None:
        self._proc = proc
        self._wanted = set(wanted)
        self._left = limit
        self._asked: set[int] = set()
        self._walked: set[int] = set()
        self.found: dict[int, Holder] = {}
        self.denied: set[int] = set()

    @property
    def missing(self) -> bool:
        """Whether sockets are still without a holder."""
        return bool(self._wanted)

    @property
    def exhausted(self) -> bool:
        """Whether the limit ended the search."""
        return self._left <= 0

    def among(self, pids: Sequence[int], sockets: Mapping[int, int], known: Container[int] = ()) -> None:
        """Look for the sockets of one namespace (inode to owner's uid) in its processes, likely places first.

        known: Processes that are known to hold sockets.
        What the first process holds, an init that opens sockets for others (systemd.socket(5)), is given
        to the service that it was opened for when that has it too.
        """
        self._walk(pids[:1], sockets)
        activated = self.found.keys() & sockets
        self._walk((pid for pid in pids if pid in known), sockets)
        missing = self._open(sockets)
        for pid in pids[1:]:
            if not (missing or activated):
                return
            if self._ask(pid, activated):
                missing = self._open(sockets)
        if missing:
            self._walk(self._by_user(pids, {sockets[inode] for inode in missing}), sockets)

    def elsewhere(self, pids: Iterable[int]) -> None:
        """Look for what is missing in processes of whatever namespace that were not looked at yet."""
        self._walk(pids, self._wanted)

    def _open(self, sockets: Collection[int]) -> list[int]:
        """Give those of some sockets that are still wanted."""
        return [] if self.exhausted else [inode for inode in sockets if inode in self._wanted]

    def _walk(self, pids: Iterable[int], sockets: Collection[int]) -> None:
        """Look at all descriptors of processes, of each once, until some sockets are all found."""
        missing = self._open(sockets)
        for pid in pids:
            if not missing:
                return
            if pid not in self._walked:
                self._walked.add(pid)
                if self._take(pid, self._sockets(pid, OTHERS if pid in self._asked else ALL)):
                    missing = self._open(sockets)

    def _ask(self, pid: int, activated: set[int]) -> bool:
        """Look at the first descriptors of a process; tell whether any was wanted."""
        held = self._sockets(pid, FIRST)
        for fd, inode in held:
            if inode in activated and self._is_other_program(pid, self.found[inode].pid):
                activated.remove(inode)
                self.found[inode] = Holder(pid, fd)
        return self._take(pid, held)

    def _take(self, pid: int, held: Iterable[tuple[int, int]]) -> bool:
        """Note a process as the holder of what is wanted; tell whether anything was."""
        taken = {inode: Holder(pid, fd) for fd, inode in held if inode in self._wanted}
        self.found.update(taken)
        self._wanted -= taken.keys()
        return bool(taken) or self.exhausted

    def _sockets(self, pid: int, which: str) -> list[tuple[int, int]]:
        try:
            looked_at, holes, held = self._proc.sockets(pid, which)
        except PermissionError:
            self.denied.add(pid)
            return []
        except OSError:
            return []  # it ended, and whoever else holds its sockets is found elsewhere
        self._left -= looked_at
        if which == FIRST and not holes:
            self._asked.add(pid)
        return held

    def _is_other_program(self, pid: int, holder: int) -> bool:
        return read_executable(self._proc, pid) != read_executable(self._proc, holder)

    def _by_user(self, pids: Iterable[int], uids: set[int]) -> list[int]:
        """Order processes: first those of the users who own the sockets."""
        return sorted(pids, key=lambda pid: self._uid(pid) not in uids)

    def _uid(self, pid: int) -> int | None:
        try:
            return self._proc.stat(str(pid)).st_uid
        except OSError:
            return None
