"""What a container's root is made of: the layers of its image, and what was changed over them.

Two containers with the same layers and the same changes have the same software, so that one reading serves both. Of the
layers, which nobody changes, it is enough to know which they are; of the changes only those count that tell of software.
"""

from __future__ import annotations

import errno
import stat
from typing import TYPE_CHECKING, NamedTuple

from agent import __version__
from agent.containers.software_files import is_database, may_have_told, tells_of_software
from agent.host.errors import LimitReached
from agent.host.layer_changes import FILE, OPAQUE, changes
from agent.model.digest import sha256

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from agent.formats.overlay_mount import RootMount
    from agent.host.layer_changes import Change
    from agent.host.root import HostRoot

CHANGES = 20_000
"""Names in a writable layer that are looked at each time."""


class Image(NamedTuple):
    """The software of a container, before it is read.

    contents: What identifies it.
    drift: Whether software was changed over the image; None where that is not known.
    is_lasting: Whether the same identity always means the same software; otherwise it has to be read again now and then.
    databases: Package databases that were changed, by the paths of their files.
    unseen: Why not all changes were looked at, where they were not.
    """

    contents: str
    drift: bool | None
    is_lasting: bool
    databases: tuple[str, ...] = ()
    unseen: str | None = None


def layered(tree: HostRoot, mount: RootMount, remote: Collection[str] = ()) -> Image | None:
    """Identify the software of an overlay; None where its layers cannot be found at their paths.

    Only for layers that root of the host mounted: who else mounts them decides what their paths lead to.

    tree: The tree in which the paths of the layers are valid.
    remote: Where in it something is mounted for which somebody else answers, so that it is not touched.
    """
    layers = Layers(tree, mount, remote)
    try:
        below = [layers.mark(path) for path in layers.lower]
    except OSError:
        return None
    seen = list(_software(layers)) if layers.upper is not None else []
    unseen = next((change for change in seen if isinstance(change, str)), None)
    marks = [change for change in seen if not isinstance(change, str)]
    return Image(
        contents=identify("layers", below, marks),
        drift=True if marks else None if unseen else False,
        is_lasting="/" not in layers.lower,
        databases=tuple(change.path for change in marks if is_database(change.path)),
        unseen=unseen,
    )


class Layers:
    """The layers of an overlay.

    lower: Paths of those of the image, the topmost first.
    upper: Path of the one that changes go to; None where there is none.
    """

    def __init__(self, tree: HostRoot, mount: RootMount, remote: Collection[str] = ()) -> None:
        """Name them; a runtime whose list of layers is too long for mount(2) writes them relative to their directory."""
        self.tree = tree
        self.upper = mount.upper
        folder = "/".join((mount.upper or "").split("/")[:-2])
        self.lower = tuple(path if path.startswith("/") else f"{folder}/{path}" for path in mount.lower)
        self._remote = tuple(remote)

    def mark(self, path: str) -> tuple[str, int, int]:
        """Give what tells a layer from another one; the device is left out, whose number another boot may change."""
        if self._is_remote(path):
            return path, 0, 0
        status = self.tree.stat(path)
        return path, status.st_ino, status.st_ctime_ns

    def below(self, path: str) -> HostRoot | None:
        """Give the topmost layer of the image that has a path; None where none has it."""
        for layer in self.lower:
            if self._is_remote(layer):
                continue
            try:
                tree = self.tree.at(layer)
                status = tree.stat(path, follow=False)
            except OSError:
                continue
            return None if stat.S_ISCHR(status.st_mode) else tree
        return None

    def changes(self) -> Iterator[Change]:
        """Give what was changed; OSError, LimitReached."""
        if self.upper is None:
            return
        if self._is_remote(self.upper):
            raise OSError(errno.EREMOTE, "it is not on a local file system")
        yield from changes(self.tree.at(self.upper), CHANGES)

    def _is_remote(self, path: str) -> bool:
        return any(path == point or path.startswith(f"{point}/") for point in self._remote)


def plain(container: str, mount: RootMount | None) -> Image:
    """Identify a root of which only the container itself is known: it shares with nobody."""
    return Image(identify("root", container, mount), None, is_lasting=False)


def identify(*parts: object) -> str:
    """Digest what identifies contents."""
    return str(sha256(repr((__version__, parts)).encode("utf-8", "surrogateescape")).hexdigest()[:32])


def _software(layers: Layers) -> Iterator[Change | str]:
    """Give the changes of software in a writable layer, and why not all could be seen."""
    try:
        for change in layers.changes():
            if _counts(change, layers):
                yield change
    except LimitReached:
        yield f"more than {CHANGES} names are in its writable layer; packages of languages behind them are not seen"
    except OSError as error:
        yield f"its writable layer cannot be looked at: {error.strerror}"


def _counts(change: Change, layers: Layers) -> bool:
    """Tell whether a change is one of software. Every new directory is opaque, be there one below it or not."""
    if change.kind == FILE:
        return change.size > 0 and tells_of_software(change.path, change.executable)
    if change.kind == OPAQUE and (change.path == "/" or layers.below(change.path) is None):
        return False
    return may_have_told(change.path)
