"""Images as the Open Container Initiative lays them down: layers, configuration, manifest, and the archive of all of them."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from typing import TYPE_CHECKING, Any, NamedTuple

from artefacts.source import day, moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_TYPE = "application/vnd.oci.image"


class Blob(NamedTuple):
    """A part of an image.

    kind: Its media type.
    content: Its bytes.
    annotations, platform: What its descriptor says beside.
    """

    kind: str
    content: bytes
    annotations: Mapping[str, str] = {}
    platform: Mapping[str, str] = {}

    @property
    def digest(self) -> str:
        """Digest, with its algorithm."""
        return f"sha256:{hashlib.sha256(self.content).hexdigest()}"

    def descriptor(self) -> dict[str, Any]:
        """Give how others refer to it."""
        described: dict[str, Any] = {"mediaType": self.kind, "digest": self.digest, "size": len(self.content)}
        described.update({"annotations": dict(self.annotations)} if self.annotations else {})
        described.update({"platform": dict(self.platform)} if self.platform else {})
        return described


class Image(NamedTuple):
    """An image for one architecture.

    manifest: What names its parts.
    parts: Its configuration and layers.
    """

    manifest: Blob
    parts: tuple[Blob, ...]


def image(
    architecture: str, layers: Mapping[str, bytes], config: Mapping[str, Any], labels: Mapping[str, str]
) -> Image:
    """Make an image of layers, each a tar archive, by what made it.

    config: How a container of it is run, as the image specification writes it.
    """
    created = day().isoformat().replace("+00:00", "Z")
    compressed = [Blob(f"{_TYPE}.layer.v1.tar+gzip", gzip.compress(layer, 6, mtime=0)) for layer in layers.values()]
    described = {
        "created": created,
        "architecture": architecture,
        "os": "linux",
        "config": {**config, "Labels": dict(labels)},
        "rootfs": {
            "type": "layers",
            "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}" for layer in layers.values()],
        },
        "history": [{"created": created, "created_by": made_by} for made_by in layers],
    }
    configuration = Blob(f"{_TYPE}.config.v1+json", _json(described))
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{_TYPE}.manifest.v1+json",
        "config": configuration.descriptor(),
        "layers": [layer.descriptor() for layer in compressed],
        "annotations": dict(labels),
    }
    platform = {"architecture": architecture, "os": "linux", **({"variant": "v8"} if architecture == "arm64" else {})}
    blob = Blob(f"{_TYPE}.manifest.v1+json", _json(manifest), platform=platform)
    return Image(blob, (configuration, *compressed))


def archive(images: Sequence[Image], name: str) -> bytes:
    """Give an archive in the image layout with one image for several architectures.

    name: What tools call it that read the archive.
    """
    kind = f"{_TYPE}.index.v1+json"
    listed = {"schemaVersion": 2, "mediaType": kind, "manifests": [one.manifest.descriptor() for one in images]}
    index = Blob(kind, _json(listed), {"org.opencontainers.image.ref.name": name})
    top = {"schemaVersion": 2, "mediaType": index.kind, "manifests": [index.descriptor()]}
    blobs = [index, *(blob for one in images for blob in (one.manifest, *one.parts))]
    files = {f"blobs/sha256/{blob.digest[7:]}": blob.content for blob in blobs}
    return _tar({"oci-layout": b'{"imageLayoutVersion":"1.0.0"}', "index.json": _json(top), **files})


def _tar(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as members:
        for name in _folders(files):
            member = tarfile.TarInfo(name)
            member.type, member.mode, member.mtime = tarfile.DIRTYPE, 0o755, moment()
            members.addfile(member)
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.mtime = len(content), 0o644, moment()
            members.addfile(member, io.BytesIO(content))
    return out.getvalue()


def _folders(names: Iterable[str]) -> list[str]:
    return sorted({name[:at] for name in names for at, letter in enumerate(name) if letter == "/"})


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
