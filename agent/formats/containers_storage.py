"""The lists that podman and CRI-O keep of containers, images and layers: JSON of the library containers/storage.

https://github.com/containers/storage: containers.json, images.json and layers.json of a graph root.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.formats import json_path, json_text
from agent.formats.rfc3339 import seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_LAYERS = 512
"""Layers of one image; the runtimes allow some 128."""


class StoredContainer(NamedTuple):
    """A container.

    name: Its name; that of its pod where pod is set.
    image_id: Id of its image, the digest of its configuration without sha256:.
    image: Reference of its image as it was given.
    created: When it was made, seconds since 1970.
    pod: Whether it is what keeps a pod's namespaces, as CRI-O says.
    pod_id: Id of the container that does so for it.
    pod_namespace, pod_uid: Namespace and uid of the pod that it keeps.
    pod_container: Its name in that pod.
    """

    name: str | None
    image_id: str | None
    image: str | None
    created: int | None
    pod: bool
    pod_id: str | None
    pod_namespace: str | None
    pod_uid: str | None
    pod_container: str | None


class StoredImage(NamedTuple):
    """An image.

    digest: Digest of its manifest, as sha256:...
    layer: Id of its topmost layer.
    names: What it is called.
    """

    digest: str | None
    layer: str | None
    names: tuple[str, ...]


class StoredLayer(NamedTuple):
    """A layer.

    parent: Id of the layer below it.
    digest: Digest of what it holds, not compressed, as sha256:...
    """

    parent: str | None
    digest: str | None


def containers(content: bytes) -> dict[str, StoredContainer]:
    """Give the containers by id; ValueError when the list is none."""
    return {name: _container(entry) for name, entry in _entries(content)}


def images(content: bytes) -> dict[str, StoredImage]:
    """Give the images by id; ValueError when the list is none."""
    return {
        name: StoredImage(
            json_path.text(entry, "digest"), json_path.text(entry, "layer"), json_path.texts(entry, "names")
        )
        for name, entry in _entries(content)
    }


def layers(content: bytes) -> dict[str, StoredLayer]:
    """Give the layers by id; ValueError when the list is none."""
    return {
        name: StoredLayer(json_path.text(entry, "parent"), json_path.text(entry, "diff-digest"))
        for name, entry in _entries(content)
    }


def layer_digests(known: Mapping[str, StoredLayer], top: str | None) -> tuple[str, ...]:
    """Give the digests of an image's layers, the lowest first; empty when any is not known."""
    found: list[str] = []
    while top is not None:
        layer = known.get(top)
        if layer is None or layer.digest is None or len(found) >= _MOST_LAYERS:
            return ()
        found.append(layer.digest)
        top = layer.parent
    return tuple(reversed(found))


def _entries(content: bytes) -> list[tuple[str, object]]:
    entries = json_text.read(content)
    if not isinstance(entries, list):
        raise ValueError("the JSON is no list")
    named = ((json_path.text(entry, "id"), entry) for entry in entries)
    return [(name, entry) for name, entry in named if name]


def _container(entry: object) -> StoredContainer:
    told = _metadata(json_path.at(entry, "metadata"))
    names = json_path.texts(entry, "names")
    return StoredContainer(
        name=json_path.text(told, "name") or (names[0] if names else None),
        image_id=json_path.text(entry, "image"),
        image=json_path.text(told, "image-name"),
        created=seconds(json_path.text(entry, "created")),
        pod=json_path.flag(told, "pod") is True,
        pod_id=json_path.text(told, "pod-id"),
        pod_namespace=json_path.text(told, "namespace"),
        pod_uid=json_path.text(told, "uid"),
        pod_container=json_path.text(told, "metadata-name"),
    )


def _metadata(written: object) -> object:
    """Read what podman and CRI-O keep there, JSON within the JSON."""
    try:
        return json_text.read(written.encode("utf-8", "replace")) if isinstance(written, str) else None
    except ValueError:
        return None
