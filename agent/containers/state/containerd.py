"""containerd's state of a container: the bundle that its shim runs, with the annotations of its CRI plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.containers.state import State
from agent.containers.state.containerd_images import ContainerdImage, Images
from agent.formats import oci_config

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agent.host.root import HostRoot
    from agent.model.records import Gap

_TASKS = "io.containerd.runtime.v2.task"
FOLDERS = tuple(
    f"{folder}/{_TASKS}"
    for folder in (
        "/run/containerd",
        "/run/k3s/containerd",
        "/run/k0s/containerd",
        "/run/docker/containerd/daemon",
        "/var/snap/microk8s/common/run/containerd",
        "/var/snap/docker/current/run/docker/containerd/daemon",
    )
)
"""Where bundles are, by namespace and id."""
LIMIT = 4 * 1024 * 1024


class Bundles:
    """The bundles in one tree; which namespaces there are is looked up once."""

    def __init__(self, root: HostRoot, report: Callable[[Gap], None]) -> None:
        """Prepare; report is given what cannot be read beside a container's own state."""
        self._root = root
        self._images = Images(root, report)
        self._namespaces: dict[str, list[str]] = {}

    def find(self, container: str, bundle: str | None, upper: str | None) -> State | None:
        """Look for a container's bundle; OSError, LimitReached and ValueError where it cannot be read.

        bundle: Directory that its shim works in, its own bundle or that of its pod, from which the folder is known wherever it is.
        upper: Directory that its changes go to.
        """
        for folder in dict.fromkeys((*_of_bundle(bundle), *FOLDERS)):
            for namespace in self._namespaces_in(folder):
                path = f"{folder}/{namespace}/{container}/config.json"
                try:
                    content = self._root.read(path, LIMIT)
                except (FileNotFoundError, NotADirectoryError):
                    continue
                config, made = oci_config.read(content), int(self._root.stat(path).st_mtime)
                return _state(config, made, self._images.of(namespace, container, upper))
        return None

    def _namespaces_in(self, folder: str) -> list[str]:
        if folder not in self._namespaces:
            self._namespaces[folder] = _names(self._root, folder)
        return self._namespaces[folder]


def _state(config: oci_config.OciConfig, made: int, image: ContainerdImage) -> State:
    return State(
        runtime="containerd",
        image=config.image or image.name,
        image_digest=image.digest,
        layers=image.layers,
        created=config.created or made,
        user=config.user,
        privileged=config.privileged,
        pod=config.pod,
        pod_namespace=config.pod_namespace,
        pod_uid=config.pod_uid,
        pod_container=config.pod_container,
        name=config.pod_container,
        is_sandbox=config.is_sandbox,
        sandbox=config.sandbox,
    )


def _of_bundle(bundle: str | None) -> Iterator[str]:
    folder, _, rest = (bundle or "").partition(f"/{_TASKS}/")
    if rest.count("/") == 1:
        yield f"{folder}/{_TASKS}"


def _names(root: HostRoot, folder: str) -> list[str]:
    try:
        return root.names(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
