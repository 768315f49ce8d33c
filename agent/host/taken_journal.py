"""The watcher's journal as a scan takes it over: renamed, read, and removed once a scan that read it has succeeded.

A part that was taken is named after the last collection that had succeeded by then. As long as that is still the last
one, nothing tells that its lines are in a snapshot, and it is read again; that costs nothing but time, because lines
of one key are united and not added up (see agent.watch.tally). So there is no moment at which a killed process loses a line.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from agent.host.errors import LimitReached

if TYPE_CHECKING:
    from collections.abc import Iterator

JOURNAL = "events.journal"
_TAKEN = "events.taken."
_PARTS = 4
"""Parts that may wait; while there are so many the journal waits in its place, and is bounded by itself."""
_LIMIT = 8 * 1024 * 1024
"""Bytes that are read of a part; the watcher's own limit is half of that."""
_LINE = 64 * 1024


def take(folder: str, succeeded_at: int | None) -> list[str]:
    """Take the journal over, if there is one; give the paths of all parts to read, oldest first. OSError as the kernel's.

    folder: That of the section.
    succeeded_at: When the last collection that succeeded began, seconds since 1970; None without a sound snapshot, so
        that all parts are read.
    """
    stamp = f"{_TAKEN}{succeeded_at or 0}."
    parts = _waiting(folder, stamp if succeeded_at else _TAKEN)
    if len(parts) < _PARTS:
        parts += _renamed(folder, f"{stamp}{len(parts)}")
    return [os.path.join(folder, name) for name in parts]


def lines(path: str) -> Iterator[bytes]:
    """Give the lines of a part; an endless one in pieces. LimitReached, or OSError as the kernel's."""
    read = 0
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        while line := file.readline(_LINE):
            read += len(line)
            if read > _LIMIT:
                raise LimitReached(f"a part of the journal is longer than {_LIMIT} bytes")
            yield line


def _waiting(folder: str, stamp: str) -> list[str]:
    """Give the parts that are in no snapshot yet as far as is known; all others are removed."""
    parts = sorted(name for name in os.listdir(folder) if name.startswith(_TAKEN))
    for name in parts:
        if not name.startswith(stamp):
            os.unlink(os.path.join(folder, name))
    return [name for name in parts if name.startswith(stamp)]


def _renamed(folder: str, name: str) -> list[str]:
    try:
        os.rename(os.path.join(folder, JOURNAL), os.path.join(folder, name))
    except FileNotFoundError:
        return []
    return [name]
