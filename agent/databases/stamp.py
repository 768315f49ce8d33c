"""The stamp of a package database: as long as it is the same, so is all that the database lists."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from agent import __version__
from agent.host.errors import LimitReached
from agent.model.digest import sha256

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.databases import Database
    from agent.host.root import HostRoot

Mark = tuple[str, int, int, int, int]
"""Path, inode, size, mtime and ctime of a file, both in nanoseconds."""
_YOUNG = 2.0
"""Seconds that a file must have rested: one that is written to twice within a tick of the clock keeps its times."""


def stamp(root: HostRoot, database: Database, asked: object) -> str | None:
    """Digest what a database is and how it is read; None when that says nothing of its content.

    asked: How it is read, of which the repr tells all.
    The device is left out, whose number another boot may change.
    """
    files = marks(root, database)
    rested = (time.time() - _YOUNG) * 1e9
    if not files or any(max(changed) > rested for _, _, _, *changed in files):
        return None
    return str(sha256(repr((__version__, asked, files)).encode("utf-8", "surrogateescape")).hexdigest())


def marks(root: HostRoot, database: Database) -> list[Mark]:
    """Give what tells that a database changed since the last look; nothing where it cannot be looked at, or nothing tells."""
    try:
        return list(_files(root, database))
    except (OSError, LimitReached):
        return []


def _files(root: HostRoot, database: Database) -> Iterator[Mark]:
    """Give the marks of all that the database consists of."""
    for pattern in database.STATE:
        for path in root.glob(pattern):
            try:
                status = root.stat(path)
            except FileNotFoundError:
                continue  # between two looks; whoever took it away has changed the directory
            yield path, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
