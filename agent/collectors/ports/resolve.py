"""The process of every socket, or why it is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.collectors.ports.owners import Holder, Search, still_held
from agent.model.records import Gap
from agent.sockets.namespaces import INIT
from agent.sockets.processes import Process, read_process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from agent.collectors.ports.memory import Memory
    from agent.host.procfs import ProcFS
    from agent.sockets.namespaces import Namespace

NO_PERMISSION = "no permission (needs cap_sys_ptrace)"
KERNEL = "kernel socket without a process"
ENDED = "process ended"
BUDGET = "budget reached"
_NO_FILE = 0
"""Inode of a socket that has no file: the kernel's own."""


class Held(NamedTuple):
    """The process of a socket and its descriptor there."""

    process: Process
    fd: int


class Owners(NamedTuple):
    """The holders of sockets by inode; a socket in neither is gone.

    held: Those that are known.
    unknown: Why the others are not.
    """

    held: dict[int, Held]
    unknown: dict[int, str]


def resolve(
    proc: ProcFS,
    wanted: Mapping[Namespace, Mapping[int, int]],
    memory: Memory,
    present: Callable[[Namespace], set[int]],
) -> Owners:
    """Find the process of each wanted socket (by namespace: inode to uid of its owner).

    present reads again which sockets a namespace has, to tell those that went with their process.
    """
    inodes = {inode for sockets in wanted.values() for inode in sockets}
    owners = Owners({}, _remembered(proc, inodes, memory))
    _add(owners, proc, still_held(proc, inodes - owners.unknown.keys(), memory))
    missing = _missing(wanted, owners)
    if missing:
        search = Search(proc, (inode for sockets in missing.values() for inode in sockets))
        known = {group.pid for group in memory.groups.values()}
        for namespace, sockets in missing.items():
            search.among(namespace.pids, sockets, known)
        lost = _look_elsewhere(proc, search, owners)
        still_missing = _missing(missing, owners)
        owners.unknown.update(_reasons(proc, search, lost, still_missing, present))
    return owners


def unknown_owners(owners: Owners) -> Iterator[Gap]:
    """Report the owners that a privilege or a limit kept from being found: no record is missing, only fields are."""
    reasons = list(owners.unknown.values())
    total = len(reasons) + len(owners.held)
    for reason, word in ((NO_PERMISSION, "denied"), (BUDGET, "limit")):
        if count := reasons.count(reason):
            yield Gap("socket owners", word, f"{count} of {total} sockets: {reason}", None)


def may_look(proc: ProcFS) -> bool:
    """Tell whether the agent may see what processes of other users hold."""
    try:
        proc.link(f"{INIT}/ns/net")
    except OSError:
        return False
    return True


def _remembered(proc: ProcFS, inodes: set[int], memory: Memory) -> dict[int, str]:
    """Give the sockets that need no search: their holder was not found and could not be found now."""
    reasons = {KERNEL} if may_look(proc) else {KERNEL, NO_PERMISSION}
    known = {inode: memory.unowned[inode] for inode in inodes & memory.unowned.keys()}
    unknown = {inode: why for inode, why in known.items() if why in reasons}
    if _NO_FILE in inodes:
        unknown[_NO_FILE] = KERNEL
    return unknown


def _add(owners: Owners, proc: ProcFS, holders: Mapping[int, Holder]) -> None:
    """Note the holders that still run."""
    processes = {pid: read_process(proc, pid) for pid in {holder.pid for holder in holders.values()}}
    for inode, holder in holders.items():
        process = processes[holder.pid]
        if process is not None:
            owners.held[inode] = Held(process, holder.fd)


def _missing(wanted: Mapping[Namespace, Mapping[int, int]], owners: Owners) -> dict[Namespace, dict[int, int]]:
    missing = {}
    for namespace, sockets in wanted.items():
        left = {
            inode: uid for inode, uid in sockets.items() if inode not in owners.held and inode not in owners.unknown
        }
        if left:
            missing[namespace] = left
    return missing


def _look_elsewhere(proc: ProcFS, search: Search, owners: Owners) -> set[int]:
    """Search among all processes, those that began meanwhile too; then for what ended processes held; give this."""
    if search.missing:
        search.elsewhere(proc.pids())
    _add(owners, proc, search.found)
    lost = search.found.keys() - owners.held.keys()
    if lost:
        again = Search(proc, lost)
        again.elsewhere(proc.pids())
        _add(owners, proc, again.found)
    return lost


def _reasons(
    proc: ProcFS,
    search: Search,
    lost: set[int],
    missing: Mapping[Namespace, Mapping[int, int]],
    present: Callable[[Namespace], set[int]],
) -> Iterator[tuple[int, str]]:
    """Say of every socket that is still there why its holder is not known."""
    blind = bool(search.denied) or not may_look(proc)
    reason = BUDGET if search.exhausted else NO_PERMISSION if blind else KERNEL
    for namespace, sockets in missing.items():
        for inode in sockets.keys() & present(namespace):
            yield inode, ENDED if inode in lost else reason
