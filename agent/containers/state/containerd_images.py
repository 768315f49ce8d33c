"""The images of containerd: their digests in its metadata, and their layers in its store of contents."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from agent.formats import boltdb, json_path
from agent.formats.docker_container import read_layers
from agent.host.errors import LimitReached, gap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agent.host.root import HostRoot
    from agent.model.records import Gap

ROOTS = (
    "/var/lib/containerd",
    "/var/lib/rancher/k3s/agent/containerd",
    "/var/lib/rancher/rke2/agent/containerd",
    "/var/lib/k0s/containerd",
    "/var/snap/microk8s/common/var/lib/containerd",
)
_SNAPSHOTS = "/io.containerd.snapshotter."
_METADATA = "io.containerd.metadata.v1.bolt/meta.db"
_BLOBS = "io.containerd.content.v1.content/blobs/sha256"
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
_READ_LIMIT = 16 * 1024 * 1024
_BLOB_LIMIT = 4 * 1024 * 1024
_TRIES = 3
"""Times that the metadata is read when containerd writes to it meanwhile."""
_PLATFORMS = 64
"""Manifests of one image, of which the one that was unpacked is looked for."""


class ContainerdImage(NamedTuple):
    """An image; None and empty where the store does not tell."""

    name: str | None = None
    digest: str | None = None
    layers: tuple[str, ...] = ()


class Images:
    """The images in one tree; each is looked up once."""

    def __init__(self, root: HostRoot, report: Callable[[Gap], None]) -> None:
        """Prepare; report is given what cannot be read."""
        self._root = root
        self._report = report
        self._known: dict[tuple[str, str, bytes], ContainerdImage] = {}

    def of(self, namespace: str, container: str, upper: str | None) -> ContainerdImage:
        """Give the image of a container.

        upper: Directory that its changes go to, from which containerd's root is known wherever it is.
        """
        for folder in dict.fromkeys((*_of_upper(upper), *ROOTS)):
            try:
                name = self._value(folder, ("v1", namespace, "containers", container), "image")
                if name is not None:
                    return self._image(folder, namespace, name)
            except (FileNotFoundError, NotADirectoryError):
                continue
            except (OSError, LimitReached, ValueError) as error:
                self._report(gap(f"{folder}/{_METADATA}", error, None))
        return ContainerdImage()

    def _image(self, folder: str, namespace: str, name: bytes) -> ContainerdImage:
        key = folder, namespace, name
        if key not in self._known:
            text = name.decode("utf-8", "replace")
            digest = (self._value(folder, ("v1", namespace, "images", text, "target"), "digest") or b"").decode(
                "ascii", "replace"
            )
            known = _DIGEST.fullmatch(digest) is not None
            layers = self._layers(folder, digest) if known else ()
            self._known[key] = ContainerdImage(text, digest if known else None, layers)
        return self._known[key]

    def _value(self, folder: str, buckets: tuple[str, ...], key: str) -> bytes | None:
        for left in reversed(range(_TRIES)):
            with self._root.blocks(f"{folder}/{_METADATA}", _READ_LIMIT) as database:
                try:
                    return boltdb.get(
                        database.read_at, [name.encode("utf-8", "surrogateescape") for name in buckets], key.encode()
                    )
                except ValueError:
                    if not left:
                        raise
        return None

    def _layers(self, folder: str, digest: str) -> tuple[str, ...]:
        """Follow a manifest, or a list of them, to the configuration that tells the digests of layers."""
        for manifest in self._manifests(folder, digest):
            try:
                return read_layers(self._blob(folder, json_path.text(manifest, "config", "digest")))
            except (OSError, LimitReached, ValueError):
                continue  # of another platform, so that it was not fetched
        return ()

    def _manifests(self, folder: str, digest: str) -> Iterator[object]:
        try:
            found = json_path.document(self._blob(folder, digest))
        except (OSError, LimitReached, ValueError):
            return
        yield found
        for entry in json_path.entries(found, "manifests")[:_PLATFORMS]:
            try:
                yield json_path.document(self._blob(folder, json_path.text(entry, "digest")))
            except (OSError, LimitReached, ValueError):
                continue

    def _blob(self, folder: str, digest: str | None) -> bytes:
        match = _DIGEST.fullmatch(digest or "")
        if not match:
            raise ValueError("it is no digest")
        return self._root.read(f"{folder}/{_BLOBS}/{match[1]}", _BLOB_LIMIT)


def _of_upper(upper: str | None) -> Iterator[str]:
    """Give containerd's root: /var/lib/containerd of /var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/7/fs."""
    folder, mark, _ = (upper or "").partition(_SNAPSHOTS)
    if mark:
        yield folder
