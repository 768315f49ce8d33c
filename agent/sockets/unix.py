"""Whether every local user can connect to a Unix socket (unix(7): write permission on it, search on the way)."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os

    from agent.host.root import HostRoot

_LINKS = 40
"""Most links that one path may take, as in the kernel (path_resolution(7))."""


def connectable(root: HostRoot, path: str) -> os.stat_result | None:
    """Give the status of a socket that others may write to and reach; None for any other path.

    OSError where the path may not be looked at.
    """
    todo = _components(path)
    reached = ""
    links = 0
    try:
        status = root.stat("/")
        while todo:
            if not (stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_IXOTH):
                return None
            name = todo.pop()
            if name == "..":
                reached = reached.rpartition("/")[0]
                status = root.stat(reached or "/", follow=False)
                continue
            status = root.stat(f"{reached}/{name}", follow=False)
            if not stat.S_ISLNK(status.st_mode):
                reached = f"{reached}/{name}"
                continue
            links += 1
            if links > _LINKS:
                return None
            target = root.link(f"{reached}/{name}")
            reached = "" if target.startswith("/") else reached
            todo += _components(target)
            status = root.stat(reached or "/", follow=False)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status if stat.S_ISSOCK(status.st_mode) and status.st_mode & stat.S_IWOTH else None


def _components(path: str) -> list[str]:
    """Split a path into its components, last first."""
    return [name for name in reversed(path.split("/")) if name not in ("", ".")]
