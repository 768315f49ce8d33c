"""Docker's state of a container, below its data root."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.containers.state import State
from agent.formats import docker_container, json_path
from agent.host.errors import LimitReached, gap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agent.host.root import HostRoot
    from agent.model.records import Gap

DATA_ROOTS = ("/var/lib/docker", "/var/snap/docker/common/var-lib-docker")
CONFIGURATION = "/etc/docker/daemon.json"
_LIMIT = 4 * 1024 * 1024
_DRIVERS = ("overlay2", "fuse-overlayfs", "overlayfs", "vfs", "btrfs", "zfs", "aufs", "overlay")
"""Storage drivers, each with the images of its own, the usual ones first."""


class Engine:
    """Docker's state in one tree; what is configured is read once."""

    def __init__(self, root: HostRoot, report: Callable[[Gap], None]) -> None:
        """Prepare; report is given what cannot be read beside a container's own state."""
        self._root = root
        self._report = report
        self._data_roots: tuple[str, ...] | None = None

    def find(self, container: str, upper: str | None) -> State | None:
        """Look for a container; OSError, LimitReached and ValueError where its state cannot be read.

        upper: Directory that its changes go to, from which the data root is known wherever it is.
        """
        if self._data_roots is None:
            self._data_roots = (*DATA_ROOTS, *_configured(self._root))
        for data_root in dict.fromkeys((*_of_upper(upper), *self._data_roots)):
            folder = f"{data_root}/containers/{container}"
            try:
                known = docker_container.read(self._root.read(f"{folder}/config.v2.json", _LIMIT))
            except (FileNotFoundError, NotADirectoryError):
                continue
            layers = _layers(self._root, data_root, known.image_id, self._report)
            return _state(known, layers, _privileged(self._root, f"{folder}/hostconfig.json", self._report))
        return None


def _state(known: docker_container.DockerContainer, layers: tuple[str, ...], privileged: bool | None) -> State:
    return State(
        runtime="docker",
        name=known.name,
        image=known.image,
        image_digest=known.image_id,
        layers=layers,
        created=known.created,
        started=known.started,
        user=known.user,
        privileged=privileged,
        ports=known.ports,
        pod=known.pod,
        pod_namespace=known.pod_namespace,
        pod_uid=known.pod_uid,
        pod_container=known.pod_container,
        is_sandbox=known.is_sandbox,
    )


def _of_upper(upper: str | None) -> Iterator[str]:
    """Give what may be the data root: /var/lib/docker of /var/lib/docker/overlay2/<layer>/diff."""
    parts = (upper or "").split("/")
    if len(parts) > 4 and parts[-1] == "diff" and parts[-3] in _DRIVERS:
        yield "/".join(parts[:-3])


def _configured(root: HostRoot) -> Iterator[str]:
    try:
        document = json_path.document(root.read(CONFIGURATION, _LIMIT))
    except (OSError, LimitReached, ValueError):
        return
    for name in ("data-root", "graph"):
        path = json_path.text(document, name)
        if path and path.startswith("/"):
            yield path.rstrip("/")


def _layers(root: HostRoot, data_root: str, image_id: str | None, report: Callable[[Gap], None]) -> tuple[str, ...]:
    algorithm, _, digest = (image_id or "").partition(":")
    if algorithm != "sha256" or not digest.isalnum():
        return ()
    for driver in _DRIVERS:
        path = f"{data_root}/image/{driver}/imagedb/content/sha256/{digest}"
        try:
            return docker_container.read_layers(root.read(path, _LIMIT))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, LimitReached, ValueError) as error:
            report(gap(path, error, None))
    return ()


def _privileged(root: HostRoot, path: str, report: Callable[[Gap], None]) -> bool | None:
    try:
        return docker_container.read_privileged(root.read(path, _LIMIT))
    except (OSError, LimitReached, ValueError) as error:
        report(gap(path, error, None))
        return None
