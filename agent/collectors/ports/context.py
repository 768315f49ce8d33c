"""What the records say beside the sockets themselves: users, packages, addresses, published ports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.collectors.ports.exposure import Surroundings
from agent.collectors.ports.namespaces import HOST
from agent.collectors.ports.packages import owning_packages, unchanged_since
from agent.collectors.ports.published import published_ports
from agent.formats.fib import interface_addresses, local_addresses
from agent.formats.passwd import users
from agent.host.errors import LimitReached, gap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from agent.collectors.ports.memory import Memory
    from agent.collectors.ports.namespaces import Namespace
    from agent.collectors.ports.processes import Process
    from agent.collectors.ports.published import PortKey
    from agent.collectors.ports.resolve import Owners
    from agent.collectors.ports.roots import Roots
    from agent.host.procfs import ProcFS
    from agent.host.root import HostRoot
    from agent.model.records import Gap

USERS = "/etc/passwd"


class Context:
    """What records are made with.

    owners: Holders of the sockets.
    roots: Roots of the processes.
    users: Names of the host's users by id.
    """

    def __init__(
        self, root: HostRoot, proc: ProcFS, owners: Owners, roots: Roots, report: Callable[[Gap], None]
    ) -> None:
        self.owners = owners
        self.roots = roots
        self.users = read_users(root, report)
        self._root = root
        self._proc = proc
        self._report = report
        self._packages: Mapping[str, str | None] = {}
        self._surroundings: dict[Namespace, Surroundings] = {}
        self._published: dict[Namespace, Mapping[PortKey, str]] = {}

    def learn_packages(self, memory: Memory, taken_at: int | None) -> None:
        """Look up the packages of all executables of the host's own root that the last snapshot did not."""
        held = self.owners.held.values()
        wanted = {each.process.executable for each in held if self._is_native(each.process)} - {None}
        known = memory.packages if unchanged_since(self._root, taken_at) else {}
        unknown = {path for path in wanted if path is not None and path not in known}
        found = owning_packages(self._root, unknown, self._report) if unknown else {}
        self._packages = {**known, **found}

    def package(self, process: Process | None) -> str | None:
        """Give the key of the package that owns a process's executable."""
        if process is None or process.executable is None or not self._is_native(process):
            return None
        return self._packages.get(process.executable)

    def surroundings(self, namespace: Namespace) -> Surroundings:
        """Give what decides the exposure of a namespace's sockets."""
        if namespace not in self._surroundings:
            addresses = None if namespace.container else read_addresses(self._proc, namespace, self._report)
            is_host = namespace.name == HOST
            self._surroundings[namespace] = Surroundings(namespace.name, is_host, namespace.container, addresses)
        return self._surroundings[namespace]

    def published(self, namespace: Namespace, protocol: str, port: int) -> str | None:
        """Tell where on the host a port of a container's namespace is published."""
        if namespace.container is None:
            return None
        if namespace not in self._published:
            self._published[namespace] = published_ports(self._root, namespace.container)
        return self._published[namespace].get((protocol, port))

    def _is_native(self, process: Process) -> bool:
        return process.root == self.roots.own


def read_users(root: HostRoot, report: Callable[[Gap], None]) -> dict[int, str]:
    """Read the names of the host's users; the first name of an id counts, as in getpwuid(3)."""
    names: dict[int, str] = {}
    try:
        for uid, name in users(root.lines(USERS)):
            names.setdefault(uid, name)
    except (OSError, LimitReached) as error:
        report(gap(USERS, error, None))
    return names


def read_addresses(proc: ProcFS, namespace: Namespace, report: Callable[[Gap], None]) -> frozenset[str] | None:
    """Read the addresses of a namespace's interfaces; None where they are not known."""
    try:
        return frozenset(_addresses(proc, namespace.pids[0]))
    except (OSError, LimitReached, ValueError) as error:
        report(gap(f"{namespace.name} addresses", error, None))
        return None


def _addresses(proc: ProcFS, pid: int) -> Iterator[str]:
    yield from local_addresses(proc.read(f"{pid}/net/fib_trie"))
    try:
        yield from (address for _, address, _ in interface_addresses(proc.read(f"{pid}/net/if_inet6")))
    except FileNotFoundError:
        return  # a kernel without IPv6
