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

_YOUNG = 2.0
"""Seconds that a file must have rested: one that is written to twice within a tick of the clock keeps its times."""


def stamp(root: HostRoot, database: Database, asked: object) -> str | None:
    """Digest what a database is and how it is read; None when that says nothing of its content.

    asked: How it is read, of which the repr tells all.
    The device is left out, whose number another boot may change.
    """
    try:
        files = list(_files(root, database))
    except (OSError, LimitReached):
        return None
    rested = (time.time() - _YOUNG) * 1e9
    if not files or any(max(changed) > rested for _, _, _, *changed in files):
        return None
    return str(sha256(repr((__version__, asked, files)).encode("utf-8", "surrogateescape")).hexdigest())


def _files(root: HostRoot, database: Database) -> Iterator[tuple[str, int, int, int, int]]:
    """Give path, inode, size, mtime and ctime, in nanoseconds, of all that the database consists of."""
    for pattern in database.STATE:
        for path in root.glob(pattern):
            try:
                status = root.stat(path)
            except FileNotFoundError:
                continue  # between two looks; whoever took it away has changed the directory
            yield path, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
