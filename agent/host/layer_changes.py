"""What was changed in a writable layer of an overlay (kernel Documentation/filesystems/overlayfs.rst).

The layer is a directory that holds the files that were made or changed. A character device 0:0 stands for what was
removed, and a directory with the attribute `overlay.opaque` hides all that the layers below have there.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from agent.host.descent import Descent
from agent.host.errors import LimitReached
from agent.host.listing import ANY_EXECUTE

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from agent.host.descent import Level
    from agent.host.root import HostRoot

FILE, REMOVED, OPAQUE = "file", "removed", "opaque"
_OPAQUE = ("trusted.overlay.opaque", "user.overlay.opaque")
_DEPTH = 200
"""Levels that are entered; no software lies deeper."""


class Change(NamedTuple):
    """One change.

    path: Where, below the root of the container.
    kind: FILE (made or changed), REMOVED, or OPAQUE for a directory that hides the one below.
    executable: Whether anybody may execute the file.
    size: Size of the file, bytes.
    modified: When its content was last changed, nanoseconds since 1970.
    """

    path: str
    kind: str
    executable: bool = False
    size: int = 0
    modified: int = 0


def changes(layer: HostRoot, limit: int) -> Iterator[Change]:
    """Give what is in a layer, the names of each directory in order; LimitReached past so many names.

    What cannot be read is passed over: the layer is the container's own, which may change it meanwhile.
    """
    descent = Descent(layer.fileno())
    try:
        left = limit - (yield from _of(descent.levels[-1], limit))
        while descent.levels:
            level = descent.levels[-1]
            if not level.todo or len(descent.levels) > _DEPTH:
                _leave(descent)
            elif _enter(descent, level.todo.pop()):
                left -= yield from _of(descent.levels[-1], left)
    finally:
        descent.close()


def _of(level: Level, left: int) -> Generator[Change, None, int]:
    """Give the changes in a directory, note which directories are in it, and return how many names were met."""
    found = []
    met = 0
    with os.scandir(level.fd) as entries:
        for entry in entries:
            met += 1
            if met > left:
                raise LimitReached("more was changed in the layer than is looked at")
            if entry.is_dir(follow_symlinks=False):
                level.todo.append(entry.name)
            elif not entry.is_symlink():
                found.append(entry)
        found.sort(key=lambda entry: entry.name)
        level.todo.sort(reverse=True)
        if _is_opaque(level.fd):
            yield Change(level.path or "/", OPAQUE)
        for entry in found:
            change = _change(entry, level.path)
            if change:
                yield change
    return met


def _change(entry: os.DirEntry[str], folder: str) -> Change | None:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return None
    path = f"{folder}/{entry.name}"
    if stat.S_ISREG(status.st_mode):
        return Change(path, FILE, bool(status.st_mode & ANY_EXECUTE), status.st_size, status.st_mtime_ns)
    return Change(path, REMOVED) if stat.S_ISCHR(status.st_mode) and status.st_rdev == 0 else None


def _is_opaque(fd: int) -> bool:
    for name in _OPAQUE:
        try:
            return os.getxattr(fd, name) == b"y"
        except OSError:
            continue
    return False


def _enter(descent: Descent, name: str) -> bool:
    try:
        descent.enter(name)
    except OSError:
        return False
    return True


def _leave(descent: Descent) -> None:
    try:
        descent.leave()
    except OSError:
        descent.levels[-1].todo.clear()
