"""Which sockets are open to others, and how far: what a process that holds one is exposed to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.containers.published import published_ports
from agent.formats.addresses import LOOPBACK, PRIVATE, PUBLIC
from agent.sockets.exposure import ANY, CONTAINER_INTERNAL, PUBLISHED, Surroundings, expose
from agent.sockets.namespaces import find_namespaces
from agent.sockets.sockets import read_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from agent.host import Host
    from agent.host.procfs import ProcFS
    from agent.model.records import Gap
    from agent.sockets.sockets import Bound

WIDTHS = (LOOPBACK, CONTAINER_INTERNAL, PRIVATE, PUBLISHED, PUBLIC, ANY)
"""Exposures, the narrowest first."""


class _Open(NamedTuple):
    bound: Bound
    surroundings: Surroundings
    published: str | None


class Listening:
    """The listening TCP and bound UDP sockets of all network namespaces, by inode.

    is_known: Whether all that there are could be seen.
    """

    def __init__(self, host: Host, proc: ProcFS, report: Callable[[Gap], None]) -> None:
        self.is_known = True
        self._open: dict[int, _Open] = {}
        self._report = report
        self._read(host, proc)

    def _read(self, host: Host, proc: ProcFS) -> None:
        for namespace in find_namespaces(proc, self._note):
            tables = read_tables(host, proc, namespace, self._note)
            surroundings = Surroundings(namespace.name, namespace.is_host, namespace.container, tables.addresses)
            published = published_ports(host.root, namespace.container) if namespace.container and tables.inet else {}
            for bound in tables.inet:
                port = published.get((bound.protocol, bound.socket.port))
                self._open[bound.socket.inode] = _Open(bound, surroundings, port)

    @property
    def inodes(self) -> Collection[int]:
        """The inodes of all."""
        return self._open.keys()

    def exposure(self, program: str, inodes: Iterable[int]) -> str | None:
        """Give the widest exposure of some sockets of a program; None without any."""
        return widest(self._exposure(program, self._open[inode]) for inode in inodes)

    def _note(self, gap: Gap) -> None:
        """Take note of what could not be seen: an unseen socket is one that may be there."""
        self.is_known = self.is_known and gap.hides is None
        self._report(gap)

    @staticmethod
    def _exposure(program: str, each: _Open) -> str:
        return expose(each.bound.socket.address, each.surroundings, program, each.published).kind


def widest(exposures: Iterable[str | None]) -> str | None:
    """Give the widest of some exposures; None where there is none."""
    return max(filter(None, exposures), key=_width, default=None)


def _width(exposure: str) -> int:
    return WIDTHS.index(exposure) if exposure in WIDTHS else len(WIDTHS)
