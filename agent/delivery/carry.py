"""What a partial collection keeps of the snapshot before: records that its gaps may hide."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from agent.delivery.delta import pairs
from agent.model.codec import dumps, original, printable
from agent.model.records import Gap
from agent.model.status import PARTIAL, absence_is_removal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from agent.model.codec import Line

_MOST = 32 * 1024
"""Characters of prefixes that a footer and each envelope may hold; beyond that the whole section counts as hidden."""


class Hides:
    """Gathers what the gaps of a collection hide, within bounds."""

    def __init__(self) -> None:
        self._prefixes: set[str | None] = set()
        self._size = 0

    def add(self, hides: str | None) -> None:
        """Take Gap.hides of a gap."""
        if hides not in self._prefixes and self._size <= _MOST:
            self._prefixes.add(hides)
            self._size += len(hides or "") + 1

    def add_of(self, line: Line) -> None:
        """Take it of a gap's line."""
        hides = json.loads(line.stable)["hides"]
        self.add(None if hides is None else original(hides))

    def distinct(self) -> tuple[str | None, ...]:
        """Give the distinct prefixes in order, null first; empty when there was no gap."""
        if self._size > _MOST:
            return ("",)
        return tuple(sorted(self._prefixes, key=lambda prefix: (prefix is not None, prefix or "")))


def with_unseen(
    seen: Iterable[Line], before: Iterable[Line], hides: Sequence[str | None], unchanged: Sequence[str] = ()
) -> Iterator[Line]:
    """Give what was seen and, in its place in the order, what was there before and is not proven to be gone.

    hides: Gap.hides of every gap that was seen.
    unchanged: Starts of the keys of records, gaps too, that are known to hold without having been seen.
    """
    hidden = as_written(hides)
    kept = tuple(dumps(prefix)[:-1] for prefix in unchanged)
    for older, newer in pairs(before, seen):
        if newer is not None:
            yield newer
        elif older is not None and (older.key_json.startswith(kept) or not is_gone(older, hidden)):
            yield older


def as_written(hides: Sequence[str | None]) -> tuple[str | None, ...]:
    """Give prefixes as the keys of stored lines are written."""
    return tuple(None if prefix is None else printable(prefix) for prefix in hides)


def is_gone(line: Line, hides: Sequence[str | None]) -> bool:
    """Tell whether a record that was not seen is gone; gaps speak of their own collection alone.

    hides: What the gaps hide, as written.
    """
    if not hides or json.loads(line.stable)["kind"] == Gap.KIND:
        return True
    return absence_is_removal(PARTIAL, hides, json.loads(line.key_json))
