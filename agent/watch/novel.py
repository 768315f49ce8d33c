"""Paths that changed while they were watched and have not been executed since.

Every start of a program would be an event; the first of one that is not what it was is worth telling.
"""

from __future__ import annotations

from agent.formats.fanotify_event import OPEN_EXEC

_MOST = 2048
"""Paths that are remembered, by their hashes; the oldest is forgotten for another."""


class Novel:
    """Remembers what changed."""

    def __init__(self) -> None:
        self._changed: dict[int, None] = {}

    def worth(self, path: str, mask: int) -> int:
        """Give what of an event is worth telling: all but the execution of what did not change since the last one."""
        key = hash(path)
        if mask & ~OPEN_EXEC:
            if key not in self._changed and len(self._changed) >= _MOST:
                del self._changed[next(iter(self._changed))]
            self._changed[key] = None
        if mask & OPEN_EXEC and key not in self._changed:
            return mask & ~OPEN_EXEC
        if mask == OPEN_EXEC:
            del self._changed[key]
        return mask
