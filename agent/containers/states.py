"""Finds a container's state among those of all runtimes, in the tree of whoever runs it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.containers.state import State, containerd, docker
from agent.containers.state.storage import Storages
from agent.host.errors import LimitReached, gap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agent.containers.running import Running
    from agent.host import Host
    from agent.host.root import HostRoot
    from agent.model.records import Gap

UNKNOWN = "unknown"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
"""Ids that may be part of a path."""

Identity = tuple[int, int]


class States:
    """The states of one host. Where a container runs in another, as with kind, the state is in that one's tree."""

    def __init__(self, host: Host, report: Callable[[Gap], None]) -> None:
        """Prepare; report is given what cannot be read."""
        self._host = host
        self._report = report
        self._own = _identity(host.root)
        self._runtimes = {self._own: Runtimes(host.root, report)}

    def of(self, container: Running, parent: int, upper: str | None) -> State:
        """Give a container's state; of one that no runtime knows only the runtime that the kernel tells.

        parent: Parent of its first process, which watches over it.
        upper: Directory that changes of the container go to, where it has an overlay.
        """
        if _NAME.fullmatch(container.id) and container.runtime not in ("lxc", "systemd-nspawn"):
            runtimes = self._runtimes_of(parent)
            for find in runtimes.readers(container.id, container.runtime, upper, self._bundle(parent)):
                try:
                    found = find()
                except (OSError, LimitReached, ValueError) as error:
                    self._report(gap(f"state of container {container.id}", error, None))
                    continue
                if found:
                    return found
        return State(container.runtime or UNKNOWN)

    def tree_of(self, parent: int) -> HostRoot:
        """Give the tree in which the runtime's paths are valid: that of the process that watches over a container."""
        return self._runtimes_of(parent).root

    def _runtimes_of(self, parent: int) -> Runtimes:
        proc = self._host.proc
        try:
            status = proc.stat(f"{parent}/root") if proc and parent else None
            identity = (status.st_dev, status.st_ino) if status else self._own
            if identity not in self._runtimes and proc:
                tree = proc.root_of(parent)
                self._runtimes[_identity(tree)] = Runtimes(tree, self._report)
        except OSError:
            identity = self._own
        return self._runtimes.get(identity, self._runtimes[self._own])

    def _bundle(self, parent: int) -> str | None:
        """Give the directory that the parent of the first process works in: containerd's shim is in its bundle."""
        proc = self._host.proc
        try:
            return proc.link(f"{parent}/cwd") if proc and parent else None
        except OSError:
            return None


class Runtimes:
    """The state of the runtimes in one tree; what belongs to all containers is read once."""

    def __init__(self, root: HostRoot, report: Callable[[Gap], None]) -> None:
        """Prepare; report is given what cannot be read."""
        self.root = root
        self._storages = Storages(root, report)
        self._docker = docker.Engine(root, report)
        self._containerd = containerd.Bundles(root, report)

    def readers(
        self, container: str, runtime: str | None, upper: str | None, bundle: str | None
    ) -> Iterator[Callable[[], State | None]]:
        """Give what looks for a container's state, the most likely first. Docker's containers are containerd's, too."""
        readers: dict[str, Callable[[], State | None]] = {
            "docker": lambda: self._docker.find(container, upper),
            "podman": lambda: self._storages.find(container, upper),
            "containerd": lambda: self._containerd.find(container, bundle, upper),
        }
        likely = {"cri-o": "podman"}.get(runtime or "", runtime or "")
        if likely in readers:
            yield readers.pop(likely)
        yield from readers.values()


def _identity(root: HostRoot) -> Identity:
    status = root.stat("/")
    return status.st_dev, status.st_ino
