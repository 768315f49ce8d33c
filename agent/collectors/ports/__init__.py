"""Every socket that others can connect or send to: TCP, UDP and Unix, in every network namespace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.collectors.ports.context import Context, find_packages, find_published, read_users
from agent.collectors.ports.listeners import listeners
from agent.collectors.ports.memory import remember
from agent.collectors.ports.resolve import resolve, unknown_owners
from agent.collectors.ports.unix_listeners import reachable, unix_records
from agent.model.spec import PROC, ROOT, Spec, Want
from agent.sockets.namespaces import find_namespaces
from agent.sockets.roots import Roots
from agent.sockets.sockets import read_tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agent.collectors.ports.unix_listeners import Reachable
    from agent.host import Host
    from agent.host.procfs import ProcFS
    from agent.model.records import Gap, Record
    from agent.model.spec import Options
    from agent.sockets.namespaces import Namespace
    from agent.sockets.sockets import Bound

SPEC = Spec(
    summary="Listening TCP and UDP sockets and open Unix sockets of every network namespace, with owner and exposure",
    every=600,
    needs=frozenset((ROOT, PROC)),
    reads=lambda: (
        *_reads_of_databases(),
        "/proc/self",
        "/proc/modules",
        "/proc/*/ns/net",
        "/proc/*/ns/mnt",
        "/proc/*/mountinfo",
        "/proc/*/cgroup",
        "/proc/*/net/tcp",
        "/proc/*/net/tcp6",
        "/proc/*/net/udp",
        "/proc/*/net/udp6",
        "/proc/*/net/unix",
        "/proc/*/net/fib_trie",
        "/proc/*/net/if_inet6",
        "/proc/[0-9]*",
        "/proc/*/fd",
        "/proc/*/fd/*",
        "/proc/*/stat",
        "/proc/*/exe",
        "/proc/*/root",
        "/",
        "/etc/passwd",
        "/var/lib/dpkg/status",
        "/var/lib/dpkg/info",
        "/var/lib/dpkg/info/*.list",
        "/var/lib/docker/containers/*/config.v2.json",
        "/var/lib/cni/results",
        "/var/lib/cni/results/*",
        "/**",  # status alone: of the path that a Unix socket is bound to, and of the directories above it
    ),
    memory=64,
    seconds=20,
    wants=(
        Want("cap_sys_ptrace", "which process holds a socket of another user, and sockets in other users' roots"),
        Want("cap_dac_read_search", "ports that containers publish, and Unix sockets in closed directories"),
    ),
    traces=True,
)


def _reads_of_databases() -> tuple[str, ...]:
    from agent.collectors.ports import other_databases  # noqa: PLC0415 - hosts with dpkg pay nothing

    return other_databases.reads()


def collect(host: Host, options: Options) -> Iterator[Record]:
    """Give every listener, its owner and who can reach it."""
    if host.proc is None:
        return
    gaps: list[Gap] = []
    yield from _sockets(host, host.proc, options, gaps)
    yield from gaps


def _sockets(host: Host, proc: ProcFS, options: Options, gaps: list[Gap]) -> Iterator[Record]:
    report = gaps.append
    roots = Roots(host, proc)
    tables = {each: read_tables(host, proc, each, report) for each in find_namespaces(proc, report)}
    inet = [bound for read in tables.values() for bound in read.inet]
    unix = [each for space, read in tables.items() for each in reachable(read.unix, space, roots, report)]
    memory = remember(options.previous())
    memory.join_crowds(inet)
    owners = resolve(proc, _wanted(inet, unix), memory, lambda namespace: _present(host, proc, namespace))
    gaps.extend(unknown_owners(owners))
    context = Context(
        owners,
        roots,
        read_users(host.root, report),
        find_packages(host.root, owners, roots, memory, options.previous_at, report),
        {namespace: read.addresses for namespace, read in tables.items()},
        find_published(host.root, tables),
    )
    yield from listeners(inet, context)
    yield from unix_records(unix, context)


def _wanted(inet: Iterable[Bound], unix: Iterable[Reachable]) -> dict[Namespace, dict[int, int]]:
    """Give the sockets by namespace, each with the user who most likely runs its holder."""
    wanted: dict[Namespace, dict[int, int]] = {}
    for each in unix:
        wanted.setdefault(each.bound.namespace, {})[each.bound.socket.inode] = 0
    for bound in inet:
        wanted.setdefault(bound.namespace, {})[bound.socket.inode] = bound.socket.uid
    return wanted


def _present(host: Host, proc: ProcFS, namespace: Namespace) -> set[int]:
    """Give the inodes of the sockets that a namespace has now; what cannot be read was reported the first time."""
    unreported: list[Gap] = []
    tables = read_tables(host, proc, namespace, unreported.append)
    return {bound.socket.inode for bound in tables.inet} | {bound.socket.inode for bound in tables.unix}
