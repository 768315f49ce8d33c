"""The listening sockets of one network namespace, as its tables in proc have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.formats.proc_net import bound, listening, unix_listeners
from agent.host.errors import LimitReached, gap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agent.collectors.ports.namespaces import Namespace
    from agent.formats.proc_net import InetSocket, UnixSocket
    from agent.host.procfs import ProcFS
    from agent.model.records import Gap

_TABLE_LIMIT = 8 * 1024 * 1024
"""Bytes of one table: some 55,000 UDP sockets."""
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


def inet_sockets(proc: ProcFS, namespace: Namespace, report: Callable[[Gap], None]) -> Iterator[Bound]:
    """Give the namespace's TCP and UDP sockets, each once."""
    seen = set()
    for table, protocol, family, parse in _TABLES:
        try:
            for socket in parse(_lines(proc, namespace, table)):
                if socket not in seen:  # a table that changes between two reads may repeat a line
                    seen.add(socket)
                    yield Bound(namespace, protocol, family, socket)
        except FileNotFoundError:
            continue  # a kernel without IPv6, or the namespace's last process ended
        except (OSError, LimitReached, ValueError) as error:
            report(gap(f"{namespace.name} {table}", error, f"{namespace.name}/{protocol}/"))


def unix_sockets(proc: ProcFS, namespace: Namespace, report: Callable[[Gap], None]) -> Iterator[BoundUnix]:
    """Give the namespace's listening Unix stream sockets."""
    try:
        for socket in unix_listeners(_lines(proc, namespace, "unix")):
            yield BoundUnix(namespace, socket)
    except FileNotFoundError:
        return
    except (OSError, LimitReached, ValueError) as error:
        report(gap(f"{namespace.name} unix", error, f"{namespace.name}/unix/"))


def _lines(proc: ProcFS, namespace: Namespace, table: str) -> Iterator[bytes]:
    """Read a table through the first of the namespace's processes that is still there."""
    for pid in namespace.pids:
        try:
            lines = proc.lines(f"{pid}/net/{table}", _TABLE_LIMIT)
            first = next(lines, None)
        except (FileNotFoundError, ProcessLookupError):
            continue
        if first is not None:
            yield first
        yield from lines
        return
