"""What the section's last snapshot remembers: owners to verify rather than to find."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agent.collectors.ports.listeners import INODES
from agent.model.records import Listener, UnixListener

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.model.records import Record
    from agent.sockets.sockets import Bound


@dataclass(frozen=True)
class Group:
    """Sockets that were reported as one because the same program held them at the same address.

    pid: Process that held one of them.
    fd: Its descriptor of that one.
    inodes: All of them.
    """

    pid: int
    fd: int
    inodes: frozenset[int]


@dataclass(frozen=True)
class Memory:
    """What the last snapshot knew.

    groups: Group of each socket whose holder was known, by inode.
    unowned: Why the holder of a socket was not known, by inode.
    packages: Package of executables by path; None where no package owned one.
    crowds: Groups of more sockets than a record names, by namespace, protocol, address and port.
    """

    groups: dict[int, Group] = field(default_factory=dict)
    unowned: dict[int, str] = field(default_factory=dict)
    packages: dict[str, str | None] = field(default_factory=dict)
    crowds: dict[tuple[str, str, str, int], Group] = field(default_factory=dict)

    def join_crowds(self, sockets: Iterable[Bound]) -> None:
        """Count sockets that no record names to the crowd at their address (SO_REUSEPORT asks for one user there)."""
        for namespace, protocol, _, socket in sockets if self.crowds else ():
            crowd = self.crowds.get((namespace.name, protocol, socket.address, socket.port))
            if crowd is not None and socket.inode not in self.unowned:
                self.groups.setdefault(socket.inode, crowd)


def remember(previous: Iterable[Record]) -> Memory:
    """Read the last snapshot's records."""
    memory = Memory()
    for record in previous:
        if isinstance(record, (Listener, UnixListener)):
            _add(memory, record)
    return memory


def _add(memory: Memory, record: Listener | UnixListener) -> None:
    if record.owner_unknown is not None:
        memory.unowned.update((inode, record.owner_unknown) for inode in record.inodes)
    elif record.pid is not None and record.fd is not None:
        group = Group(record.pid, record.fd, frozenset(record.inodes))
        memory.groups.update((inode, group) for inode in record.inodes)
        if isinstance(record, Listener) and len(record.inodes) == INODES:
            memory.crowds[record.namespace, record.protocol, record.address, record.port] = group
    if record.executable is not None and record.container is None:
        memory.packages[record.executable] = record.package
