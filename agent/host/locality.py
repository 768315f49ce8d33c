"""Which paths can be looked at without asking anybody: nothing on their way is a network, FUSE or autofs mount."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from agent.host.mounts import MountTable
from agent.host.stops import REMOTE

if TYPE_CHECKING:
    from agent.host.root import HostRoot

_LINKS = 40
"""Links on the way of one path, as many as the kernel follows (path_resolution(7))."""


class Locality:
    """Tells what is local from what is not, touching only what is."""

    def __init__(self, root: HostRoot) -> None:
        """Read the mounts; OSError or ValueError where they cannot be told."""
        self._root = root
        self._mounts = MountTable(root, excluded=())

    def __enter__(self) -> Locality:
        return self

    def __exit__(self, *_: object) -> None:
        self._mounts.close()

    def resolve(self, path: str) -> str | None:
        """Give an absolute path without links, be it there or not; None when it leads over what is not local.

        OSError as the kernel's.
        """
        todo = _parts(path)
        here: list[str] = []
        links = 0
        while todo:
            name = todo.pop()
            if name == "..":
                here = here[:-1]
                continue
            directory = "".join(f"/{part}" for part in here)
            if self.is_remote(directory, name):
                return None
            target = self._target(f"{directory}/{name}")
            if target is None:
                here.append(name)
                continue
            links += 1
            if links > _LINKS:
                return None
            here = [] if target.startswith("/") else here
            todo += _parts(target)
        return "".join(f"/{part}" for part in here) or "/"

    def is_remote(self, directory: str, name: str) -> bool:
        """Tell whether something that is not local is mounted at a name in a directory, whose path has no links."""
        self._mounts.refresh()
        stop = self._mounts.stops_in(directory.rstrip("/")).get(name)
        return stop is not None and stop.kind == REMOTE

    def _target(self, path: str) -> str | None:
        """Give where a link leads; None for all else, be it absent."""
        try:
            if stat.S_ISLNK(self._root.stat(path, follow=False).st_mode):
                return self._root.link(path)
        except (FileNotFoundError, NotADirectoryError):
            pass
        return None


def _parts(path: str) -> list[str]:
    """Give the names of a path, the first one last."""
    return [part for part in reversed(path.split("/")) if part not in ("", ".")]
