"""What a walk could not see, each thing as one gap, and beyond a number of them all the rest as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.inventory.place import hidden
from agent.model.records import Gap

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST = 1000


class Unseen:
    """Gathers the gaps of a walk until they are given."""

    def __init__(self) -> None:
        self._waiting: list[Gap] = []
        self._count = 0

    def add(self, gap: Gap) -> None:
        """Take a gap whose hides is a path, and let it hide the keys of all that may be there."""
        self._count += 1
        if self._count <= _MOST:
            hides = None if gap.hides is None else hidden(gap.hides)
            self._waiting.append(Gap(gap.subject, gap.reason, gap.detail, hides))
        elif self._count == _MOST + 1:
            detail = f"more than {_MOST} places could not be read; the rest is not named"
            self._waiting.append(Gap("file tree", "limit", detail, "/"))

    def taken(self) -> Iterator[Gap]:
        """Give the gaps that came since the last call."""
        while self._waiting:
            yield self._waiting.pop(0)
