"""The network namespaces of the host: which processes are in each, and what it is called."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING

from agent.formats.cgroup import container_id
from agent.formats.mountinfo import mounts
from agent.host.errors import LimitReached, gap
from agent.model.records import Gap

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator

    from agent.host.procfs import ProcFS

HOST = "host"
INIT = 1
"""The process whose namespaces are the host's."""
_NAMESPACES_LIMIT = 4096
_ASKED = 64
"""Processes of a namespace, lowest first, of which one is asked to name its container."""


@dataclass(frozen=True, eq=False)
class Namespace:
    """A network namespace.

    name: host for that of process 1, a container's id, or its inode.
    container: Id of the container whose namespace it is; None for the host's and for others.
    pids: Processes in it, ascending.
    mounted_at: Path at which it is mounted, below the host's root, when no process is in it.
    """

    name: str
    container: str | None
    pids: tuple[int, ...]
    mounted_at: str | None = None

    @property
    def is_host(self) -> bool:
        """Whether it is the host's own."""
        return self.name == HOST


def find_namespaces(proc: ProcFS, report: Callable[[Gap], None]) -> list[Namespace]:
    """Give every namespace that a process is in or that is mounted (ip-netns(8))."""
    pids = proc.pids()
    init = INIT if INIT in pids else _stand_in(proc, report)
    members = _members(proc, pids)
    named = _named(proc, members.items(), init)
    found = list(islice(chain(named, _without_process(proc, init, members, report)), _NAMESPACES_LIMIT + 1))
    if len(found) > _NAMESPACES_LIMIT:
        report(Gap("network namespaces", "limit", f"more than {_NAMESPACES_LIMIT}; the rest was not read", ""))
    return found[:_NAMESPACES_LIMIT]


def _stand_in(proc: ProcFS, report: Callable[[Gap], None]) -> int:
    """Take the agent itself where process 1 is hidden."""
    detail = "proc hides the processes of other users (hidepid); the agent's own namespace is taken for the host's"
    report(Gap("processes", "denied", detail, ""))
    try:
        return int(proc.link("self"))
    except OSError:
        return INIT  # the agent is outside of the processes that proc shows: none of their namespaces is its own


def _members(proc: ProcFS, pids: Iterable[int]) -> dict[str, list[int]]:
    """Group processes by namespace; without the privilege to read the link, by the inode of its net/tcp.

    That inode is the namespace's own, as every namespace has its own proc entries (fs/proc/generic.c).
    """
    try:
        return _grouped(pids, lambda pid: proc.link(f"{pid}/ns/net"))
    except PermissionError:
        by_inode = _grouped(pids, lambda pid: f"proc_net:[{proc.stat(f'{pid}/net/tcp').st_ino}]")
        return {_identity(proc, own) or inode: own for inode, own in by_inode.items()}


def _identity(proc: ProcFS, pids: list[int]) -> str | None:
    """Ask the processes of a namespace for its link until one may be asked."""
    for pid in pids[:_ASKED]:
        try:
            return proc.link(f"{pid}/ns/net")
        except OSError:
            continue
    return None


def _grouped(pids: Iterable[int], identify: Callable[[int], str]) -> dict[str, list[int]]:
    members: dict[str, list[int]] = {}
    for pid in pids:
        try:
            members.setdefault(identify(pid), []).append(pid)
        except PermissionError:
            raise
        except OSError:
            continue  # it ended, or it is a zombie, which has left its namespace
    return members


def _named(proc: ProcFS, members: Iterable[tuple[str, list[int]]], init: int) -> Iterator[Namespace]:
    taken = set()
    for identity, pids in members:
        container = None if init in pids else _container(proc, pids)
        name = HOST if init in pids else container or identity
        if name in taken:
            name = identity
        taken.add(name)
        yield Namespace(name, container, tuple(pids))


def _container(proc: ProcFS, pids: list[int]) -> str | None:
    """Ask the oldest process that is in a container: of a pod's, that is the one that holds the namespace."""
    for pid in pids[:_ASKED]:
        try:
            found = container_id(proc.read(f"{pid}/cgroup"))
        except OSError:
            continue  # it ended; the next one knows as well
        if found:
            return found
    return None


def _without_process(
    proc: ProcFS, init: int, members: Container[str], report: Callable[[Gap], None]
) -> Iterator[Namespace]:
    """Give the namespaces that a mount alone keeps."""
    seen = set()
    try:
        for mount in mounts(proc.lines(f"{init}/mountinfo")):
            is_network = mount.file_system == "nsfs" and mount.root.startswith("net:[")
            if is_network and mount.root not in members and mount.root not in seen:
                seen.add(mount.root)
                yield Namespace(mount.root, None, (), mount.point)
    except (OSError, LimitReached, ValueError) as error:
        report(gap("network namespaces without a process", error, "net:"))
