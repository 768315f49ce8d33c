"""The listening sockets of one network namespace and the addresses of its interfaces, as proc has them."""

from __future__ import annotations

import os
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from agent.formats import unix_diag
from agent.formats.fib import interface_addresses, local_addresses
from agent.formats.proc_net import bound, listening, unix_listeners
from agent.host.errors import LimitReached, gap, reason
from agent.host.netlink import ask, can_ask
from agent.host.netns import THREAD, entered
from agent.model.records import Gap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agent.formats.proc_net import InetSocket, UnixSocket
    from agent.host import Host
    from agent.host.procfs import ProcFS
    from agent.sockets.namespaces import Namespace

_TABLE_LIMIT = 8 * 1024 * 1024
"""Bytes of one table: some 55,000 UDP sockets."""
_ANSWERS = 1024
"""Datagrams of an answer, each of which tells of some hundred sockets."""
_TABLES = (
    ("tcp", "tcp", "ipv4", listening),
    ("tcp6", "tcp", "ipv6", listening),
    ("udp", "udp", "ipv4", bound),
    ("udp6", "udp", "ipv6", bound),
)


class Bound(NamedTuple):
    """A listening TCP or bound UDP socket of a namespace."""

    namespace: Namespace
    protocol: str
    family: str
    socket: InetSocket


class BoundUnix(NamedTuple):
    """A listening Unix stream socket of a namespace."""

    namespace: Namespace
    socket: UnixSocket


class Tables(NamedTuple):
    """What proc tells of a namespace.

    inet: Its TCP and UDP sockets, each once.
    unix: Its listening Unix stream sockets.
    addresses: Addresses of its interfaces; None where they are not known.
    """

    inet: list[Bound]
    unix: list[BoundUnix]
    addresses: frozenset[str] | None


def read_tables(host: Host, proc: ProcFS, namespace: Namespace, report: Callable[[Gap], None]) -> Tables:
    """Read a namespace through one of its processes, or by entering it when it has none."""
    if namespace.mounted_at is None:
        return _read(proc, namespace, report)
    try:
        with entered(host.root, namespace.mounted_at) as inside:
            return _read(inside, namespace, report)
    except OSError as error:
        detail = "no process is in this network namespace, and it could not be entered (needs cap_sys_admin)"
        report(Gap(namespace.name, reason(error), detail, f"{namespace.name}/"))
        return Tables([], [], None)


def _read(proc: ProcFS, namespace: Namespace, report: Callable[[Gap], None]) -> Tables:
    inet = list(_inet(proc, namespace, report))
    addresses = read_addresses(proc, namespace, report) if inet and namespace.container is None else None
    return Tables(inet, list(_unix(proc, namespace, report)), addresses)


def _inet(proc: ProcFS, namespace: Namespace, report: Callable[[Gap], None]) -> Iterator[Bound]:
    seen = set()
    for table, protocol, family, parse in _TABLES:
        try:
            for socket in parse(_lines(proc, namespace, table)):
                if socket not in seen:  # a table that changes between two reads may repeat a line
                    seen.add(socket)
                    yield Bound(namespace, protocol, family, socket)
        except (OSError, LimitReached, ValueError) as error:
            report(gap(f"{namespace.name} {table}", error, f"{namespace.name}/{protocol}/"))


def _unix(proc: ProcFS, namespace: Namespace, report: Callable[[Gap], None]) -> Iterator[BoundUnix]:
    try:
        asked = _ask_for_unix(proc, namespace)
        for socket in unix_listeners(_blocks(proc, namespace, "unix")) if asked is None else asked:
            yield BoundUnix(namespace, socket)
    except (OSError, LimitReached, ValueError) as error:
        report(gap(f"{namespace.name} unix", error, f"{namespace.name}/unix/"))


def _ask_for_unix(proc: ProcFS, namespace: Namespace) -> list[UnixSocket] | None:
    """Ask the kernel for the listening Unix sockets of our own namespace; None where it is another, or none answers."""
    own = os.getpid()
    try:
        if own in namespace.pids and proc.link("self") == str(own) and can_ask(proc, "unix_diag"):
            return list(unix_diag.listeners(ask(unix_diag.REQUEST, _ANSWERS)))
    except (OSError, LimitReached, ValueError):
        pass  # what is asked for stands in net/unix as well
    return None


def read_addresses(proc: ProcFS, namespace: Namespace, report: Callable[[Gap], None]) -> frozenset[str] | None:
    """Read the addresses of a namespace's interfaces; None where they are not known."""
    try:
        ipv4 = local_addresses(b"".join(_blocks(proc, namespace, "fib_trie")))
        ipv6 = interface_addresses(b"".join(_blocks(proc, namespace, "if_inet6")))
        return frozenset(chain(ipv4, (address for _, address, _ in ipv6)))
    except (OSError, LimitReached, ValueError) as error:
        report(gap(f"{namespace.name} addresses", error, None))
        return None


def _lines(proc: ProcFS, namespace: Namespace, table: str) -> Iterator[bytes]:
    return _through_any(namespace, lambda view: proc.lines(f"{view}/net/{table}", _TABLE_LIMIT))


def _blocks(proc: ProcFS, namespace: Namespace, table: str) -> Iterator[bytes]:
    return _through_any(namespace, lambda view: proc.blocks(f"{view}/net/{table}", _TABLE_LIMIT))


def _through_any(namespace: Namespace, read: Callable[[str], Iterator[bytes]]) -> Iterator[bytes]:
    """Read a table through the first of the namespace's processes that is still there; an absent one is empty."""
    for view in map(str, namespace.pids) if namespace.pids else (THREAD,):
        parts = read(view)
        try:
            first = next(parts, None)
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended, or the kernel has no IPv6
        return chain(() if first is None else (first,), parts)
    return iter(())
