"""What snaps say of themselves: meta/snap.yaml, where a snap is mounted, else within its image."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from agent.formats.snap_yaml import fields
from agent.formats.squashfs import read_file
from agent.host.errors import LimitReached
from agent.host.locality import Locality

if TYPE_CHECKING:
    from agent.formats.snap_state import Snap
    from agent.host.root import HostRoot

SNAPS = "/var/lib/snapd/snaps"
_MOUNTS = ("/snap", "/var/lib/snapd/snap")
"""The second on distributions that allow no directories of their own in the root (snapd, dirs.go)."""
_META = ("meta", "snap.yaml")
_ABOVE = ("/var", "/var/lib", "/var/lib/snapd")
READS = (
    f"{SNAPS}/*.snap",
    *_ABOVE,
    *(f"{mount}{below}" for mount in _MOUNTS for below in ("", "/*", "/*/*", "/*/*/meta", "/*/*/meta/snap.yaml")),
)

_LIMIT = 256 * 1024


class Metas:
    """Reads the descriptions of snaps, from mounts only where the kernel itself answers."""

    def __init__(self, root: HostRoot) -> None:
        self._root = root
        self._locality = _locality(root)

    def __enter__(self) -> Metas:
        return self

    def __exit__(self, *error: object) -> None:
        if self._locality:
            self._locality.__exit__(*error)

    def meta_of(self, snap: Snap) -> dict[str, str]:
        """Give the fields of agent.formats.snap_yaml; OSError, LimitReached or ValueError where no way leads to them."""
        mounted = self._mounted(snap)
        return fields(self._in_image(snap) if mounted is None else mounted)

    def installed_at(self, snap: Snap) -> int | None:
        """Tell when its image was written, which snapd does as it installs it."""
        try:
            return int(self._root.stat(_image(snap)).st_mtime)
        except OSError:
            return None

    def _mounted(self, snap: Snap) -> bytes | None:
        for mount in _MOUNTS:
            try:
                path = self._locality and self._locality.resolve(f"{mount}/{snap.name}/{snap.revision}/meta/snap.yaml")
                if path:
                    return self._root.read(path, _LIMIT)
            except (OSError, LimitReached):
                continue  # the image is asked next, and says what there is to say
        return None

    def _in_image(self, snap: Snap) -> bytes:
        with self._root.open(_image(snap)) as image:
            descriptor = image.fileno()
            return read_file(lambda offset, count: os.pread(descriptor, count, offset), _META, _LIMIT)


def _image(snap: Snap) -> str:
    return f"{SNAPS}/{snap.name}_{snap.revision}.snap"


def _locality(root: HostRoot) -> Locality | None:
    try:
        return Locality(root)
    except (OSError, ValueError):
        return None
