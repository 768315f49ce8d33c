"""How a container is confined, from what the kernel says of its first process."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.formats.capabilities import names
from agent.formats.proc_pid import parse_stat
from agent.formats.proc_status import parse_status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.formats.proc_status import ProcessStatus
    from agent.host.procfs import ProcFS

NAMESPACES = ("cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts")
_USUAL = 0xA80425FB
"""The 14 capabilities that Docker gives a container by default, and the other runtimes the same or fewer: chown, dac_override,
fowner, fsetid, kill, setgid, setuid, setpcap, net_bind_service, net_raw, sys_chroot, mknod, audit_write, setfcap."""
_LABEL_LIMIT = 4096
_TICKS = 100
"""Clock ticks a second that proc counts in (USER_HZ), on every architecture that stocktake runs on."""


class Confinement(NamedTuple):
    """What holds for the first process. None where it may not be read or the kernel does not tell.

    uid: Its user id as the host sees it.
    capabilities: Capabilities that it may gain beyond the usual ones.
    has_all: Whether it may gain every capability that a process of the host may.
    host_namespaces: Kinds of namespaces that it shares with the host; None where that may not be seen.
    pid_namespace: Its PID namespace.
    seccomp, apparmor, selinux, no_new_privileges: As in the record.
    started: When it started, seconds since 1970.
    ticks: The same in clock ticks since boot, which tells it from a later process of the same id.
    """

    uid: int
    capabilities: tuple[str, ...]
    has_all: bool
    host_namespaces: tuple[str, ...] | None
    pid_namespace: str | None
    seccomp: str | None
    apparmor: str | None
    selinux: str | None
    no_new_privileges: bool | None
    started: int | None
    ticks: int

    @property
    def is_privileged(self) -> bool | None:
        """Whether it is what --privileged makes: all capabilities of the host's own user namespace, and no seccomp filter."""
        if self.host_namespaces is None:
            return None
        return self.has_all and "user" in self.host_namespaces and self.seccomp in ("disabled", None)


class OfHost(NamedTuple):
    """What holds for processes of the host, with which a container is compared.

    namespaces: Their namespaces by kind; None where one may not be seen.
    bounding: Mask of the capabilities that they may gain, which are all unless the host is a container itself.
    booted_at: When the host started, seconds since 1970; None where that is not told.
    """

    namespaces: Mapping[str, str | None]
    bounding: int
    booted_at: int | None


def of_host(proc: ProcFS, reference: str) -> OfHost:
    """Look at the host.

    reference: Process whose namespaces are the host's (agent.containers.host_process).
    """
    try:
        bounding = parse_status(proc.read(f"{reference}/status")).bounding
    except (OSError, ValueError):
        bounding = -1
    return OfHost(_namespaces(proc, reference), bounding, _booted_at(proc))


def confinement(proc: ProcFS, pid: int, status: ProcessStatus, host: OfHost) -> Confinement:
    """Look at a process; OSError or ValueError where it has ended or is none."""
    ticks = parse_stat(proc.read(f"{pid}/stat")).started
    apparmor, selinux = _labels(proc, pid)
    namespaces = _namespaces(proc, pid)
    return Confinement(
        uid=status.uid,
        capabilities=names(status.bounding & ~_USUAL),
        has_all=host.bounding & ~status.bounding == 0,
        host_namespaces=_shared(namespaces, host.namespaces),
        pid_namespace=namespaces["pid"],
        seccomp=status.seccomp,
        apparmor=apparmor,
        selinux=selinux,
        no_new_privileges=status.no_new_privileges,
        started=None if host.booted_at is None else host.booted_at + ticks // _TICKS,
        ticks=ticks,
    )


def _shared(own: Mapping[str, str | None], host: Mapping[str, str | None]) -> tuple[str, ...] | None:
    if not any(host.values()) or not any(own.values()):
        return None
    return tuple(kind for kind in NAMESPACES if own[kind] and own[kind] == host[kind])


def _namespaces(proc: ProcFS, pid: int | str) -> dict[str, str | None]:
    return {kind: _namespace(proc, pid, kind) for kind in NAMESPACES}


def _namespace(proc: ProcFS, pid: int | str, kind: str) -> str | None:
    try:
        return proc.link(f"{pid}/ns/{kind}")
    except OSError:
        return None


def _labels(proc: ProcFS, pid: int) -> tuple[str | None, str | None]:
    """Give the AppArmor profile and the SELinux context; attr/current is of whichever of the two the kernel has.

    An SELinux context has at least three colons; a profile is written `name (mode)`, and without one `unconfined`.
    """
    label = _label(proc, f"{pid}/attr/apparmor/current") or _label(proc, f"{pid}/attr/current")
    if label is None:
        return None, None
    return (None, label) if label.count(":") >= 3 and "(" not in label else (label, None)


def _label(proc: ProcFS, path: str) -> str | None:
    try:
        content = proc.read(path, _LABEL_LIMIT)
    except OSError:
        return None
    return content.rstrip(b"\0\n").decode("utf-8", "replace") or None


def _booted_at(proc: ProcFS) -> int | None:
    try:
        for line in proc.read("stat").split(b"\n"):
            if line.startswith(b"btime "):
                return int(line[6:])
    except (OSError, ValueError):
        pass
    return None
