"""Whether too many new files are opened to look at each, and by whom: who builds or sorts makes thousands a second."""

from __future__ import annotations

SECONDS = 10.0
"""Over which it is counted."""
MOST = 2000
"""Files a second that are looked at, which takes some six hundredths of a processor."""
SAMPLE = 64
"""Of so many files one is asked for the mount that it was opened through."""


class Storm:
    """Counts files; of some of them it is told the mount."""

    def __init__(self, clock: float) -> None:
        """Begin to count; clock as in worst."""
        self._since = clock
        self._files = 0
        self._mounts: dict[int, int] = {}

    def count(self) -> bool:
        """Count a file; tell whether its mount is wanted."""
        self._files += 1
        return self._files % SAMPLE == 0

    def sample(self, mount: int | None) -> None:
        """Take the mount of a file."""
        if mount is not None:
            self._mounts[mount] = self._mounts.get(mount, 0) + 1

    def worst(self, clock: float) -> int | None:
        """Give the mount that most files came through, when the time is over and there were too many; count anew then.

        clock: Seconds of a clock that is not set.
        """
        passed = clock - self._since
        if passed < SECONDS:
            return None
        is_too_much = self._files > MOST * passed
        worst = max(self._mounts, key=self._mounts.__getitem__, default=None) if is_too_much else None
        self._since, self._files = clock, 0
        self._mounts.clear()
        return worst
