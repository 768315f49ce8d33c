"""Finds the containers that run, by what the kernel says of every process; no daemon is asked.

A process's cgroup names its container. What is in none of those and has a root, a mount namespace and a PID namespace
of its own is a container, too: rootless ones on cgroup version 1, those that `unshare` or another runtime made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.containers.host_process import host_process
from agent.containers.made_by import Makers
from agent.formats.cgroup import Membership, is_application, membership
from agent.formats.proc_pid import parse_stat
from agent.formats.proc_status import parse_status

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from agent.host import Host
    from agent.host.procfs import ProcFS

_FIRST = 1
_ASKED = 64
"""Processes of a container, lowest first, among which its first one is looked for: ids wrap around seldom."""


class Running(NamedTuple):
    """A container that has processes now. The tree to read is that of its first process: `proc.root_of(first)`.

    id: Its id; its name for lxc and systemd-nspawn; its PID namespace, as pid:[4026532001], where nothing names it.
    pids: Its processes as the host sees them, ascending.
    first: Its first process: the one that the others of its PID namespace come from, else the one that started first.
    runtime: Who made it, where its cgroup, or the runtimes' lists of processes, tell: containerd, cri-o, docker,
        podman, lxc, systemd-nspawn.
    pod_uid: Uid of its Kubernetes pod, where its cgroup tells.
    """

    id: str
    pids: tuple[int, ...]
    first: int
    runtime: str | None = None
    pod_uid: str | None = None


def running(host: Host) -> dict[str, Running]:
    """Give the containers by id; processes that end meanwhile are left out. Needs proc."""
    proc = host.proc
    if proc is None:
        return {}
    members: dict[Membership, list[int]] = {}
    others: list[int] = []
    for pid in proc.pids():
        try:
            found = membership(proc.read(f"{pid}/cgroup"))
        except OSError:
            continue
        if found is None:
            others.append(pid)
        else:
            members.setdefault(found, []).append(pid)
    containers = {
        found.id: Running(found.id, tuple(pids), _first(proc, pids), found.runtime, found.pod_uid)
        for found, pids in members.items()
    }
    containers.update((each.id, each) for each in _unnamed(host, proc, others, containers.values()))
    return containers


def _first(proc: ProcFS, pids: list[int]) -> int:
    """Find the first process: of least depth in PID namespaces, number 1 there, and started before the others."""
    if len(pids) == 1:
        return pids[0]
    ranked = []
    for pid in pids[:_ASKED]:
        try:
            levels = parse_status(proc.read(f"{pid}/status")).levels
            started = parse_stat(proc.read(f"{pid}/stat")).started
        except (OSError, ValueError):
            continue
        ranked.append((len(levels) > 1 and levels[-1] != _FIRST, len(levels), started, pid))
    return min(ranked)[-1] if ranked else pids[0]


def _unnamed(host: Host, proc: ProcFS, pids: Iterable[int], named: Collection[Running]) -> Iterator[Running]:
    """Give the containers among processes whose cgroups name none."""
    reference = host_process(host)
    groups = _by_namespace(proc, pids, reference)
    if not groups:
        return
    known = {_link(proc, each.first, "pid") for each in named}
    taken = {each.id for each in named}
    status = host.root.stat("/")
    own_root = status.st_dev, status.st_ino
    makers = Makers(host)
    for namespace, members in groups.items():
        first = _first(proc, members)
        if namespace not in known and _is_container(proc, first, reference, own_root):
            maker = makers.of(first)
            name = maker.id if maker.id and maker.id not in taken else namespace
            yield Running(name, tuple(members), first, maker.runtime)


def _by_namespace(proc: ProcFS, pids: Iterable[int], reference: str) -> dict[str, list[int]]:
    """Group the processes outside of the host's PID namespace by theirs; nothing where that may not be seen."""
    own = _link(proc, reference, "pid")
    groups: dict[str, list[int]] = {}
    for pid in pids if own else ():
        namespace = _link(proc, pid, "pid")
        if namespace and namespace != own:
            groups.setdefault(namespace, []).append(pid)
    return groups


def _is_container(proc: ProcFS, first: int, reference: str, own_root: tuple[int, int]) -> bool:
    try:
        root = proc.stat(f"{first}/root")
        cgroup = proc.read(f"{first}/cgroup")
    except OSError:
        return False
    if (root.st_dev, root.st_ino) == own_root or is_application(cgroup):
        return False
    return _link(proc, first, "mnt") != _link(proc, reference, "mnt")


def _link(proc: ProcFS, pid: int | str, kind: str) -> str | None:
    try:
        return proc.link(f"{pid}/ns/{kind}")
    except OSError:
        return None
