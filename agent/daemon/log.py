"""The daemon's log: lines on standard error, with the priorities that journald understands.

A state is logged when it changes, and a failure that goes on is logged once an hour.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_PRIORITIES = {"error": 3, "warning": 4, "info": 6, "debug": 7}
_AGAIN = 3600.0


class Log:
    """Writes lines of at least a level.

    level: error, warning, info or debug.
    clock: Gives seconds since boot.
    """

    def __init__(self, level: str, clock: Callable[[], float]) -> None:
        self.level = level
        self._clock = clock
        self._said: dict[str, tuple[str, float]] = {}
        self._prefixed = "JOURNAL_STREAM" in os.environ

    def write(self, level: str, text: str) -> None:
        """Write a line."""
        if _PRIORITIES[level] > _PRIORITIES[self.level]:
            return
        prefix = f"<{_PRIORITIES[level]}>" if self._prefixed else f"stocktake: {level}: "
        try:
            sys.stderr.write(f"{prefix}{text}\n")
            sys.stderr.flush()
        except OSError:
            pass  # a full disk behind standard error must not end the daemon

    def state(self, subject: str, level: str, text: str) -> None:
        """Write what a subject's state is, when it is another one than last time, or an hour has gone by."""
        last, at = self._said.get(subject, ("", 0.0))
        now = self._clock()
        if text != last or (level in ("error", "warning") and now - at >= _AGAIN):
            self._said[subject] = (text, now)
            self.write(level, f"{subject}: {text}")
