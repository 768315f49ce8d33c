"""The directories that processes see as /, and the sockets in them that every local user can connect to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.collectors.ports.unix import connectable

if TYPE_CHECKING:
    import os

    from agent.collectors.ports.namespaces import Namespace
    from agent.collectors.ports.processes import Root
    from agent.host import Host
    from agent.host.procfs import ProcFS


class Roots:
    """The roots of a host's processes; each path is looked at once in each.

    own: The host's own root.
    """

    def __init__(self, host: Host, proc: ProcFS) -> None:
        status = host.root.stat("/")
        self.own: Root = (status.st_dev, status.st_ino)
        self._host = host
        self._proc = proc
        self._seen: dict[Namespace, dict[Root, int]] = {}
        self._blind: set[Namespace] = set()
        self._pids: dict[Root, int] = {}
        self._statuses: dict[tuple[Root, str], os.stat_result | None] = {}

    def reachable(self, namespace: Namespace, path: str) -> list[Root]:
        """Give the roots of a namespace's processes in which every user can connect to a path.

        Where the host's own is one of them the others are not asked for.
        """
        if namespace.is_host and self.status(self.own, path):
            return [self.own]
        return [root for root in self._roots(namespace) if self.status(root, path)]

    def blind(self, namespace: Namespace) -> bool:
        """Tell whether roots of a namespace's processes may not be looked at."""
        self._roots(namespace)
        return namespace in self._blind

    def status(self, root: Root, path: str) -> os.stat_result | None:
        """Give the status of a socket that every user can connect to, None for any other path."""
        if (root, path) not in self._statuses:
            self._statuses[root, path] = self._look(root, path)
        return self._statuses[root, path]

    def _roots(self, namespace: Namespace) -> dict[Root, int]:
        if namespace not in self._seen:
            found: dict[Root, int] = {}
            for pid in namespace.pids:
                try:
                    status = self._proc.stat(f"{pid}/root")
                except PermissionError:
                    self._blind.add(namespace)
                except OSError:
                    continue  # it ended
                else:
                    found.setdefault((status.st_dev, status.st_ino), pid)
            self._seen[namespace] = found
            self._pids.update(found)
        return self._seen[namespace]

    def _look(self, root: Root, path: str) -> os.stat_result | None:
        try:
            if root == self.own:
                return connectable(self._host.root, path)
            tree = self._proc.root_of(self._pids[root])
        except (OSError, KeyError):
            return None
        try:
            return connectable(tree, path)
        except OSError:
            return None
        finally:
            tree.close()
