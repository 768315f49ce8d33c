"""What was seen opened, put together by directory until it is written to the journal."""

from __future__ import annotations

from json import JSONEncoder
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FRESH = 3.0
"""Seconds that a sighting may wait."""
FULL = 1000
"""Files that may wait; each takes some 200 bytes."""
_NAMES = 100
"""Files in one line."""
_ENCODER = JSONEncoder(separators=(",", ":"))


class Sightings:
    """Files by container, how they were used, by whom, and directory."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str, bool, str], dict[str, None]] = {}
        self._count = 0
        self._since = 0.0

    def add(self, now: float, scope: str, grade: str, root: bool, path: str) -> None:
        """Take a file; grade is opened or executed, root whether by user 0 of the host."""
        if not self._waiting:
            self._since = now
        folder, _, name = path.rpartition("/")
        names = self._waiting.setdefault((scope, grade, root, folder), {})
        self._count += name not in names
        names[name] = None

    def is_full(self) -> bool:
        """Tell whether all has to be taken before more is added."""
        return self._count >= FULL

    def due(self) -> float | None:
        """When all has to be taken, seconds since 1970; None while nothing waits."""
        return self._since + FRESH if self._waiting else None

    def take(self) -> Iterator[tuple[bytes, int]]:
        """Give all as lines for the journal, each with how many files it has, and forget it."""
        waiting, self._waiting, self._count = self._waiting, {}, 0
        at = int(self._since)
        for (scope, grade, root, folder), found in waiting.items():
            names = list(found)
            for start in range(0, len(names), _NAMES):
                part = names[start : start + _NAMES]
                fields = {"scope": scope, "grade": grade, "root": root, "at": at, "folder": folder, "names": part}
                yield _ENCODER.encode(fields).encode() + b"\n", len(part)
