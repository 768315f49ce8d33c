"""The trees that processes see, and the sockets in them that every local user can connect to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.sockets.namespaces import INIT
from agent.sockets.processes import read_view
from agent.sockets.unix import connectable

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from agent.host import Host
    from agent.host.procfs import ProcFS
    from agent.host.root import HostRoot
    from agent.sockets.namespaces import Namespace
    from agent.sockets.processes import Process, Root, View


class Roots:
    """The trees of a host's processes; each path is looked at once in each."""

    def __init__(self, host: Host, proc: ProcFS) -> None:
        status = host.root.stat("/")
        self._root: Root = (status.st_dev, status.st_ino)
        self._own = _own_view(host, proc)
        self._host = host
        self._proc = proc
        self._views: dict[Namespace, dict[View, int]] = {}
        self._blind: set[Namespace] = set()
        self._statuses: dict[tuple[View | None, str], os.stat_result | None] = {}

    def runs_from_host(self, process: Process) -> bool:
        """Tell whether a process has the host's root directory, so that its program is the host's."""
        return process.root == self._root

    def look(self, namespace: Namespace, paths: Iterable[str]) -> dict[str, View | None]:
        """Give, of some paths, those at which every user can connect to a socket, and a tree where that is so.

        Where the host's own tree is such a one, the other trees of its namespace are not asked.
        """
        left = set(paths)
        found: dict[str, View | None] = {}
        if namespace.is_host:
            found.update((path, self._own) for path in left if self._status(self._host.root, self._own, path))
        for view, pid in self._views_of(namespace).items() if left - found.keys() else ():
            tree = self._tree(pid)
            if tree is not None and (view != self._own or not namespace.is_host):
                found.update((path, view) for path in left - found.keys() if self._status(tree, view, path))
                tree.close()
        return found

    def blind(self, namespace: Namespace) -> bool:
        """Tell whether the trees of some of a namespace's processes may not be looked at."""
        self._views_of(namespace)
        return namespace in self._blind

    def status(self, view: View | None, pid: int | None, path: str) -> os.stat_result | None:
        """Give the status of a socket that every user can connect to in the tree of a process, None for another path."""
        if (view, path) in self._statuses:
            return self._statuses[view, path]
        tree = self._tree(pid) if pid is not None else None
        if tree is None:
            return None
        try:
            return self._status(tree, view, path)
        finally:
            tree.close()

    def _status(self, tree: HostRoot, view: View | None, path: str) -> os.stat_result | None:
        if (view, path) not in self._statuses:
            try:
                self._statuses[view, path] = connectable(tree, path)
            except OSError:
                self._statuses[view, path] = None
        return self._statuses[view, path]

    def _views_of(self, namespace: Namespace) -> dict[View, int]:
        if namespace not in self._views:
            found: dict[View, int] = {}
            for pid in namespace.pids:
                try:
                    found.setdefault(read_view(self._proc, str(pid)), pid)
                except PermissionError:
                    self._blind.add(namespace)
                except OSError:
                    continue  # it ended
            self._views[namespace] = found
        return self._views[namespace]

    def _tree(self, pid: int) -> HostRoot | None:
        try:
            return self._proc.root_of(pid)
        except OSError:
            return None


def _own_view(host: Host, proc: ProcFS) -> View | None:
    """Tell which processes see the host's own tree; None where that may not be read.

    Process 1 may be out of reach; then the agent, where the tree that it was given is what it sees itself.
    """
    for process in (str(INIT), "self") if host.root.path == "/" else (str(INIT),):
        try:
            return read_view(proc, process)
        except OSError:
            continue
    return None
