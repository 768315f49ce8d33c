"""The state of podman and CRI-O, rootful and rootless: the lists of containers/storage, and each container's bundle."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from agent.containers.state import State
from agent.formats import containers_storage, oci_config
from agent.formats.containers_storage import StoredContainer, StoredImage, StoredLayer, layer_digests
from agent.host.errors import LimitReached, gap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from agent.host.root import HostRoot
    from agent.model.records import Gap

T = TypeVar("T")

GRAPH_ROOT = "/var/lib/containers/storage"
RUN_ROOT = "/run/containers/storage"
_LIMIT = 4 * 1024 * 1024
_DRIVERS = ("overlay", "vfs", "btrfs", "zfs")


class Lists(NamedTuple):
    """The lists of a graph root."""

    containers: Mapping[str, StoredContainer]
    images: Mapping[str, StoredImage]
    layers: Mapping[str, StoredLayer]


class Storages:
    """The graph roots of one tree; the lists of each are read once."""

    def __init__(self, root: HostRoot, report: Callable[[Gap], None]) -> None:
        """Prepare; report is given what cannot be read beside a container's own state."""
        self._root = root
        self._report = report
        self._lists: dict[str, Lists | None] = {}

    def find(self, container: str, upper: str | None) -> State | None:
        """Look for a container; OSError, LimitReached and ValueError where its state cannot be read.

        upper: Directory that its changes go to, from which the graph root is known wherever it is.
        """
        for graph_root, driver in dict.fromkeys((*_of_upper(upper), *((GRAPH_ROOT, driver) for driver in _DRIVERS))):
            lists = self._lists_of(graph_root, driver)
            if lists and container in lists.containers:
                return self._state(container, lists, graph_root, driver)
        return None

    def _lists_of(self, graph_root: str, driver: str) -> Lists | None:
        if graph_root + driver not in self._lists:
            self._lists[graph_root + driver] = self._read_lists(graph_root, driver)
        return self._lists[graph_root + driver]

    def _state(self, container: str, lists: Lists, graph_root: str, driver: str) -> State:
        stored = lists.containers[container]
        image = lists.images.get(stored.image_id or "")
        bundle = self._bundle(container, graph_root, driver)
        is_podman = bundle is not None and bundle.manager == "libpod"
        pod = lists.containers.get(stored.pod_id or "")
        return State(
            runtime="cri-o" if stored.pod_id and not is_podman else "podman",
            name=stored.name,
            image=stored.image or (image.names[0] if image and image.names else None),
            image_digest=image.digest if image else None,
            layers=layer_digests(lists.layers, image.layer) if image else (),
            created=stored.created,
            user=bundle.user if bundle else None,
            privileged=bundle.privileged if bundle else None,
            pod=bundle.pod if bundle else None,
            pod_namespace=(bundle.pod_namespace if bundle else None) or (pod.pod_namespace if pod else None),
            pod_uid=(bundle.pod_uid if bundle else None) or (pod.pod_uid if pod else None),
            pod_container=stored.pod_container if stored.pod_id and not stored.pod else None,
            is_sandbox=stored.pod or (bundle is not None and bundle.is_sandbox),
            sandbox=stored.pod_id or (bundle.sandbox if bundle else None),
        )

    def _bundle(self, container: str, graph_root: str, driver: str) -> oci_config.OciConfig | None:
        """Read the specification where podman keeps it, or CRI-O."""
        for folder in (graph_root, RUN_ROOT):
            path = f"{folder}/{driver}-containers/{container}/userdata/config.json"
            try:
                return oci_config.read(self._root.read(path, _LIMIT))
            except (FileNotFoundError, NotADirectoryError):
                continue
            except (OSError, LimitReached, ValueError) as error:
                self._report(gap(path, error, None))
        return None

    def _read_lists(self, graph_root: str, driver: str) -> Lists | None:
        """Read the lists; None where there is no such graph root. Without those of images and layers containers have none."""
        folder = f"{graph_root}/{driver}-"
        try:
            content = self._root.read(f"{folder}containers/containers.json", _LIMIT)
        except (FileNotFoundError, NotADirectoryError):
            return None
        stored = containers_storage.containers(content)
        stored.update(self._list(f"{folder}containers/volatile-containers.json", containers_storage.containers))
        images = self._list(f"{folder}images/images.json", containers_storage.images)
        return Lists(stored, images, self._list(f"{folder}layers/layers.json", containers_storage.layers))

    def _list(self, path: str, read: Callable[[bytes], dict[str, T]]) -> dict[str, T]:
        try:
            return read(self._root.read(path, _LIMIT))
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except (OSError, LimitReached, ValueError) as error:
            self._report(gap(path, error, None))
            return {}


def _of_upper(upper: str | None) -> Iterator[tuple[str, str]]:
    """Give what may be the graph root and its driver: /home/a/storage of /home/a/storage/overlay/<layer>/diff."""
    parts = (upper or "").split("/")
    if len(parts) > 4 and parts[-1] == "diff" and parts[-3] in _DRIVERS:
        yield "/".join(parts[:-3]), parts[-3]
