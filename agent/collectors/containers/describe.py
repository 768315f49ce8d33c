"""The record of a container: what its runtime knows of it beside what the kernel says."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.containers.confinement import Confinement, confinement, of_host
from agent.containers.host_process import host_process
from agent.containers.made_by import is_mounted_by_root
from agent.containers.mounted import Mounted, by_device, mounted
from agent.containers.published import places
from agent.containers.states import UNKNOWN, States
from agent.formats.mountinfo import Mount, mounts
from agent.formats.overlay_mount import RootMount, root_mount
from agent.formats.pod_name import workload
from agent.formats.proc_status import parse_status
from agent.host.errors import LimitReached, gap
from agent.host.file_systems import LOCAL, NOT_STORAGE
from agent.model.records import Container

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agent.containers.image import Image
    from agent.containers.running import Running
    from agent.containers.state import State
    from agent.host import Host
    from agent.host.procfs import ProcFS
    from agent.host.root import HostRoot
    from agent.model.records import Gap

_INIT = 1
_NAMED = ("lxc", "systemd-nspawn")
"""Runtimes that call a container by its name alone."""
_NOTHING = Mounted((), (), ())


class Seen(NamedTuple):
    """A container that was looked at.

    running: Its processes.
    state: What its runtime knows.
    confinement: How it is confined.
    root: What is mounted as its root; None where that is not known.
    mounted: What is mounted below.
    tree: The tree in which the paths of its layers are valid.
    is_mounted_by_root: Whether root of the host mounted its root, so that its layers are what they are called.
    has_root_of_host: Whether it sees the host's own root: it is just being started, or was made so.
    """

    running: Running
    state: State
    confinement: Confinement
    root: RootMount | None
    mounted: Mounted
    tree: HostRoot
    is_mounted_by_root: bool
    has_root_of_host: bool


class Onlooker:
    """Looks at the containers of one host.

    remote: Mount points of the host for which somebody else answers.
    """

    def __init__(self, host: Host, proc: ProcFS, report: Callable[[Gap], None]) -> None:
        """Prepare; report is given what cannot be read."""
        self._proc = proc
        self._reference = host_process(host)
        self._of_host = of_host(proc, self._reference)
        root = host.root.stat("/")
        self._root = root.st_dev, root.st_ino
        self._report = report
        self._states = States(host, report)
        own = self._mounts_of_host()
        self.remote = tuple(mount.point for mount in own if mount.file_system not in LOCAL | NOT_STORAGE)
        self._host_mounts = by_device(own)

    def look(self, container: Running) -> Seen | None:
        """Look at a container; None when it has ended meanwhile."""
        try:
            status = parse_status(self._proc.read(f"{container.first}/status"))
            confined = confinement(self._proc, container.first, status, self._of_host)
        except (OSError, ValueError):
            return None
        lines = self._mountinfo(container)
        root = root_mount(lines)
        return Seen(
            container,
            self._states.of(container, status.parent, root.upper if root else None),
            confined,
            root,
            self._mounted(container, lines),
            self._states.tree_of(status.parent),
            is_mounted_by_root(self._proc, container.first, self._reference),
            self._has_root_of_host(container),
        )

    def _has_root_of_host(self, container: Running) -> bool:
        try:
            root = self._proc.stat(f"{container.first}/root")
        except OSError:
            return False
        return (root.st_dev, root.st_ino) == self._root

    def _mountinfo(self, container: Running) -> list[bytes]:
        try:
            return self._proc.read(f"{container.first}/mountinfo").split(b"\n")[:-1]
        except (OSError, LimitReached) as error:
            self._report(gap(f"mounts of container {container.id}", error, None))
            return []

    def _mounted(self, container: Running, lines: list[bytes]) -> Mounted:
        try:
            return mounted(lines, self._host_mounts)
        except ValueError as error:
            self._report(gap(f"mounts of container {container.id}", error, None))
            return _NOTHING

    def _mounts_of_host(self) -> list[Mount]:
        try:
            return list(mounts(self._proc.lines(f"{_INIT}/mountinfo")))
        except (OSError, LimitReached, ValueError) as error:
            self._report(gap("mounts of the host", error, None))
            return []


def container_record(seen: Seen, image: Image | None) -> Container:
    """Give the record of a container.

    image: Its software; None where it has none of its own.
    """
    running, state, confined, root = seen.running, seen.state, seen.confinement, seen.root
    runtime = state.runtime if state.runtime != UNKNOWN else running.runtime or UNKNOWN
    return Container(
        id=running.id,
        runtime=runtime,
        name=state.name or (running.id if runtime in _NAMED and running.id != confined.pid_namespace else None),
        image=state.image,
        image_digest=state.image_digest,
        layers=state.layers,
        created=state.created,
        started=state.started or confined.started,
        user=state.user or str(confined.uid),
        privileged=confined.is_privileged if state.privileged is None else state.privileged,
        capabilities=confined.capabilities,
        host_namespaces=confined.host_namespaces,
        read_only=root.read_only if root else None,
        seccomp=confined.seccomp,
        apparmor=confined.apparmor,
        selinux=confined.selinux,
        no_new_privileges=confined.no_new_privileges,
        host_mounts=seen.mounted.sensitive,
        volumes=seen.mounted.volumes,
        ports=_ports(seen),
        pod=state.pod,
        pod_namespace=state.pod_namespace,
        pod_uid=state.pod_uid or running.pod_uid,
        pod_container=state.pod_container,
        workload=workload(state.pod),
        pid_namespace=confined.pid_namespace,
        contents=image.contents if image else None,
        drift=image.drift if image else None,
        pid=running.first,
        processes=len(running.pids),
    )


def _ports(seen: Seen) -> tuple[str, ...]:
    """Give the published ports: those that the runtime knows, else those that a network plugin noted for it or its pod."""
    return seen.state.ports or tuple(sorted(_noted(seen.tree, seen.state.sandbox or seen.running.id)))


def _noted(tree: HostRoot, container: str) -> Iterator[str]:
    for (protocol, inside), (address, port) in places(tree, container).items():
        yield f"{address or '*'}:{port}->{inside}/{protocol}"
