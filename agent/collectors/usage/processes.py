"""What is looked at of every process: whose it is, its program, the files that it has in memory and open, its sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from agent.containers.host_process import host_process
from agent.formats.cgroup import container_id
from agent.formats.maps import Mapped, mapped
from agent.formats.proc_pid import parse_stat
from agent.formats.systemd_unit import service
from agent.host.errors import LimitReached
from agent.inventory.code import language
from agent.sockets.namespaces import HOST

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Collection, Iterable, Iterator

    from agent.containers.running import Running
    from agent.host import Host
    from agent.host.procfs import ProcFS

T = TypeVar("T")

_START = 4096
"""Bytes of stat and cgroup that are read; both are shorter."""
_MAPS = 32 * 1024 * 1024
_FILES = 20_000
_DESCRIPTORS = 100_000
"""Most bytes of maps, files in memory and descriptors of one process."""
_MAPS_OF_SCOPE = 256 * 1024 * 1024
_DESCRIPTORS_OF_SCOPE = 1_000_000
"""Most of all processes of the host or of a container together, so that none of them hides what others do."""
_SOCKET = "socket:["


class Process(NamedTuple):
    """A process at one moment.

    pid: Its id.
    name: Name that the kernel has.
    started: When it started, in clock ticks since boot.
    scope: host, the id of its container, or None for one that sees another tree than either.
    service: systemd's service that it runs in; None where it is in none.
    root: Whether its effective user is user 0 of the host.
    executable: Path of its program, perhaps with the mark of a deleted one behind.
    files: Files in its memory.
    opened: Paths of code that it has open, likewise.
    sockets: Inodes of the sockets that it holds, of those that are asked for.
    """

    pid: int
    name: str
    started: int
    scope: str | None
    service: str | None
    root: bool
    executable: str
    files: frozenset[Mapped]
    opened: frozenset[str]
    sockets: frozenset[int]


class Failures:
    """What could not be read of the processes of one scope.

    unread: Processes of which nothing could be told, by why.
    cut: What was cut off at a limit, by process.
    """

    def __init__(self) -> None:
        self.unread: dict[str, int] = {}
        self.cut: dict[int, str] = {}


class _Budget:
    def __init__(self) -> None:
        self.maps = _MAPS_OF_SCOPE
        self.descriptors = _DESCRIPTORS_OF_SCOPE


class Processes:
    """Reads processes; what equals is kept once, for forked workers have the same files.

    failures: What could not be read, by scope; that of processes whose scope is not known is the host's.
    """

    def __init__(self, host: Host, proc: ProcFS, containers: Iterable[Running], listening: Collection[int]) -> None:
        """Prepare for what containers run; listening are the inodes of the sockets that are asked for."""
        self.failures: dict[str | None, Failures] = {}
        self._proc = proc
        self._listening = frozenset(listening)
        self._root = _identity(lambda: host.root.stat("/"))
        self._view = _or_none(lambda: proc.link(f"{host_process(host)}/ns/mnt"))
        self._contained = {pid: container.id for container in containers for pid in container.pids}
        self._groups: dict[bytes, tuple[str | None, str | None]] = {}
        self._budgets: dict[str | None, _Budget] = {}
        self._equal_files: dict[frozenset[Mapped], frozenset[Mapped]] = {}
        self._equal_paths: dict[frozenset[str], frozenset[str]] = {}

    def all(self) -> Iterator[Process]:
        """Give every process that has a program; those that end meanwhile are left out."""
        for pid in self._proc.pids():
            scope: str | None = HOST
            try:
                stat = parse_stat(self._proc.head(f"{pid}/stat", _START))
                named, unit = self._group(self._proc.head(f"{pid}/cgroup", _START))
                container = self._contained.get(pid, named)
                scope = None if container == HOST else container or HOST  # one that took the host's name is nobody's
                if not stat.has_ended:
                    executable = self._proc.link(f"{pid}/exe")
                    scope = scope if container else self._scope_outside(pid)
                    yield self._read(pid, stat.name, stat.started, scope, unit, executable)
            except (FileNotFoundError, ProcessLookupError):
                continue  # it ended, or is a thread of the kernel
            except PermissionError:
                self._note_unread(scope, "no permission (needs cap_sys_ptrace)")
            except (OSError, ValueError) as error:
                self._note_unread(scope, str(error))

    def _read(self, pid: int, name: str, started: int, scope: str | None, unit: str | None, executable: str) -> Process:
        budget = self._budgets.setdefault(scope, _Budget())
        opened, sockets = self._descriptors(pid, scope, budget)
        files = self._maps(pid, scope, budget)
        return Process(pid, name, started, scope, unit, self._is_root(pid), executable, files, opened, sockets)

    def _maps(self, pid: int, scope: str | None, budget: _Budget) -> frozenset[Mapped]:
        found: frozenset[Mapped] = frozenset()
        try:
            found, cut = mapped(self._counted(pid, budget), _FILES)
            if cut:
                self._note_cut(scope, pid, f"more than {_FILES} files in memory")
        except LimitReached:
            self._note_cut(scope, pid, "more mappings than are read")
        return self._equal_files.setdefault(found, found)

    def _counted(self, pid: int, budget: _Budget) -> Iterator[bytes]:
        for block in self._proc.blocks(f"{pid}/maps", min(_MAPS, budget.maps)):
            budget.maps -= len(block)
            yield block

    def _descriptors(self, pid: int, scope: str | None, budget: _Budget) -> tuple[frozenset[str], frozenset[int]]:
        try:
            links = self._proc.links(f"{pid}/fd", min(_DESCRIPTORS, budget.descriptors))
        except LimitReached:
            self._note_cut(scope, pid, "more descriptors than are looked at")
            return frozenset(), frozenset()
        budget.descriptors -= len(links)
        opened = frozenset(link for link in links if link.startswith("/") and language(without_mark(link)))
        held = (int(link[len(_SOCKET) : -1]) for link in links if link.startswith(_SOCKET))
        return self._equal_paths.setdefault(opened, opened), self._listening.intersection(held)

    def _group(self, cgroup: bytes) -> tuple[str | None, str | None]:
        if cgroup not in self._groups:
            self._groups[cgroup] = container_id(cgroup), service(cgroup)
        return self._groups[cgroup]

    def _scope_outside(self, pid: int) -> str | None:
        """Tell whether a process that is in no container sees the host's tree; paths of another would be taken for it."""
        if self._proc.link(f"{pid}/ns/mnt") == self._view:
            return HOST
        return HOST if _identity(lambda: self._proc.stat(f"{pid}/root")) == self._root else None

    def _is_root(self, pid: int) -> bool:
        """Tell whether it runs as user 0, to whom proc also gives what processes do not want to be looked at."""
        if self._proc.stat(str(pid)).st_uid != 0:
            return False
        _, _, line = self._proc.head(f"{pid}/status", _START).partition(b"\nUid:")
        return line.split(None, 2)[1:2] == [b"0"]

    def _note_unread(self, scope: str | None, why: str) -> None:
        unread = self.failures.setdefault(scope, Failures()).unread
        unread[why] = unread.get(why, 0) + 1

    def _note_cut(self, scope: str | None, pid: int, what: str) -> None:
        self.failures.setdefault(scope, Failures()).cut[pid] = what


def without_mark(path: str) -> str:
    """Give a path without what the kernel puts behind that of a deleted file."""
    return path.removesuffix(" (deleted)")


def _identity(look: Callable[[], os.stat_result]) -> tuple[int, int] | None:
    status = _or_none(look)
    return (status.st_dev, status.st_ino) if status else None


def _or_none(look: Callable[[], T]) -> T | None:
    try:
        return look()
    except OSError:
        return None
