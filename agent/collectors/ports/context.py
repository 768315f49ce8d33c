"""What the records say beside the sockets themselves: users, packages, addresses, published ports."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.collectors.ports.packages import owning_packages, unchanged_since
from agent.containers.published import published_ports
from agent.formats.passwd import users
from agent.host.errors import LimitReached, gap

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from agent.collectors.ports.memory import Memory
    from agent.collectors.ports.resolve import Owners
    from agent.containers.published import PortKey
    from agent.host.root import HostRoot
    from agent.model.records import Gap
    from agent.sockets.namespaces import Namespace
    from agent.sockets.processes import Process
    from agent.sockets.roots import Roots
    from agent.sockets.sockets import Tables

USERS = "/etc/passwd"


class Context(NamedTuple):
    """What records are made with.

    owners: Holders of the sockets.
    roots: Roots of the processes.
    users: Names of the host's users by id.
    packages: Keys of the packages that own executables of the host's root, by path.
    addresses: Addresses of the interfaces of namespaces; None where they are not known.
    published: Where containers' ports are published on the host, by namespace.
    """

    owners: Owners
    roots: Roots
    users: Mapping[int, str]
    packages: Mapping[str, str | None]
    addresses: Mapping[Namespace, frozenset[str] | None]
    published: Mapping[Namespace, Mapping[PortKey, str]]

    def package(self, process: Process | None) -> str | None:
        """Give the key of the package that owns a process's executable."""
        if process is None or process.executable is None or not self.roots.runs_from_host(process):
            return None
        return self.packages.get(process.executable)


def read_users(root: HostRoot, report: Callable[[Gap], None]) -> dict[int, str]:
    """Read the names of the host's users; the first name of an id counts, as in getpwuid(3)."""
    names: dict[int, str] = {}
    try:
        for uid, name in users(root.lines(USERS)):
            names.setdefault(uid, name)
    except (OSError, LimitReached) as error:
        report(gap(USERS, error, None))
    return names


def find_packages(
    root: HostRoot, owners: Owners, roots: Roots, memory: Memory, taken_at: int | None, report: Callable[[Gap], None]
) -> dict[str, str | None]:
    """Give the packages of all executables of the host's own root, as remembered while dpkg changed nothing; without dpkg nothing is remembered."""
    processes = {held.process for held in owners.held.values() if roots.runs_from_host(held.process)}
    wanted = {process.executable for process in processes if process.executable is not None}
    known = memory.packages if wanted and unchanged_since(root, taken_at) else {}
    unknown = wanted - known.keys()
    return {**known, **owning_packages(root, unknown, report)} if unknown else known


def find_published(root: HostRoot, tables: Mapping[Namespace, Tables]) -> dict[Namespace, Mapping[PortKey, str]]:
    """Give the published ports of the containers that listen in a namespace of their own."""
    return {
        namespace: published_ports(root, namespace.container)
        for namespace, read in tables.items()
        if namespace.container is not None and read.inet
    }
