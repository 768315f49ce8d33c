"""A look that costs next to nothing, at whether a section would find other things than last time: names of directories.

Containers have control groups of their own, which are directories. Which of them there are tells when a container came or
went, without a worker being started for it.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BLIND = 600.0
"""Seconds between two collections where the directories cannot be looked at, or the last collection failed."""
_MOST = 100_000
"""Directories that are listed; more have no place in a look."""
_LEAF = 2
"""Links of a directory without directories in it (cgroup file systems count them)."""


class Glance:
    """Remembers what it saw when the section was last collected.

    failed: Whether that collection failed.
    """

    def __init__(self, folders: Sequence[str], pattern: str, most: int) -> None:
        """Prepare.

        folders: Directories below which is looked, as far as they are there.
        pattern: What names of directories that count match somewhere.
        most: Seconds after which the section is collected though nothing changed.
        """
        self.failed = False
        self._folders = folders
        self._matches = re.compile(pattern).search
        self._most = most
        self._seen: frozenset[tuple[str, int]] | None = None
        self._collected_at: float | None = None
        self._unsettled = False

    def is_due(self, now: float) -> bool:
        """Look; tell whether the section is to be collected now, and take it that it is.

        It is so once more at the next look after a change: what made a directory may have gone on after the first.

        now: Seconds since boot.
        """
        seen = self._look()
        rest = BLIND if seen is None or self.failed else self._most
        has_changed = seen is not None and seen != self._seen
        is_over = self._collected_at is None or now >= self._collected_at + rest
        if not (has_changed or is_over or self._unsettled):
            return False
        self._unsettled = has_changed and self._collected_at is not None
        self._seen, self._collected_at = seen, now
        return True

    def _look(self) -> frozenset[tuple[str, int]] | None:
        """Give names and inodes of the directories that count; None where there are folders and none can be listed."""
        found: list[tuple[str, int]] = []
        todo = [folder for folder in self._folders if os.path.isdir(folder)]
        if self._folders and not todo:
            return None
        listed = 0
        while todo and listed < _MOST:
            listed += 1
            for entry in _directories(todo.pop()):
                if self._matches(entry.name):
                    found.append((entry.name, entry.inode()))
                if _has_directories(entry):
                    todo.append(entry.path)
        return frozenset(found)


def _directories(folder: str) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from (entry for entry in entries if entry.is_dir(follow_symlinks=False))
    except OSError:
        return  # it went meanwhile


def _has_directories(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.stat(follow_symlinks=False).st_nlink != _LEAF
    except OSError:
        return False
