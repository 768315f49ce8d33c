"""What happened within one minute, one entry for each process and path, until it is written to the journal.

An entry is written when it has waited for FRESH seconds, and once more at the end of the minute if more came. A later
line has all that the earlier one had; only when the tally is FULL is everything written and forgotten at once, so that
what then comes for the same key begins anew: readers unite the actions of lines with the same key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.formats.fanotify_event import (
    ATTRIBUTES,
    CLOSE_WRITE,
    CREATE,
    DELETE,
    MODIFY,
    MOVED_FROM,
    MOVED_TO,
    OPEN_EXEC,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.host.actors import Actor

MINUTE = 60
FRESH = 5
"""Seconds that a new entry may wait."""
FULL = 1024
"""Entries; each takes some 400 bytes."""
_NAMES = (
    (ATTRIBUTES, "attributes"),
    (CREATE, "create"),
    (DELETE, "delete"),
    (OPEN_EXEC, "execute"),
    (MODIFY | CLOSE_WRITE, "modify"),
    (MOVED_FROM, "move_from"),
    (MOVED_TO, "move_to"),
)


class Count(NamedTuple):
    """What one process did to one path within one minute so far; times are seconds since 1970.

    minute: When the minute began.
    mask: What happened, as in agent.formats.fanotify_event.
    events: How many events.
    actor: The process as it was seen first.
    """

    minute: int
    pid: int
    path: str
    mask: int
    events: int
    first_at: int
    last_at: int
    actor: Actor


class Tally:
    """The entries of the current minute."""

    def __init__(self) -> None:
        self._minute = 0
        self._counts: dict[tuple[int, str], Count] = {}
        self._new: dict[tuple[int, str], None] = {}
        self._grown: dict[tuple[int, str], None] = {}
        self._new_since = 0.0

    def add(self, now: float, pid: int, path: str, mask: int, actor: Actor) -> None:
        """Count an event; the caller sees to it that the minute is not over and the tally not full."""
        at, key = int(now), (pid, path)
        before = self._counts.get(key)
        if before is None:
            self._minute = at - at % MINUTE
            self._counts[key] = Count(self._minute, pid, path, mask, 1, at, at, actor)
            self._new_since = self._new_since if self._new else now
            self._new[key] = None
        else:
            self._counts[key] = before._replace(mask=before.mask | mask, events=before.events + 1, last_at=at)
            if key not in self._new:
                self._grown[key] = None

    def is_over(self, now: float) -> bool:
        """Tell whether all has to be taken before more can be added."""
        return bool(self._counts) and (not 0 <= now - self._minute < MINUTE or len(self._counts) >= FULL)

    def due(self) -> float | None:
        """When something has to be taken, seconds since 1970; None while nothing waits."""
        ends = self._minute + MINUTE
        if self._new:
            return min(self._new_since + FRESH, ends)
        return ends if self._grown else None

    def take(self) -> Iterator[Count]:
        """Give the entries that were not given yet, but keep counting."""
        yield from map(self._counts.__getitem__, self._new)
        self._new.clear()

    def take_all(self) -> Iterator[Count]:
        """Give what was not given yet, and forget everything."""
        yield from map(self._counts.__getitem__, self._new | self._grown)
        for kept in (self._counts, self._new, self._grown):
            kept.clear()


def actions(mask: int) -> tuple[str, ...]:
    """Give the names of what happened, sorted."""
    return tuple(name for bits, name in _NAMES if mask & bits)
