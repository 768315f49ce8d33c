"""The daemon's log: lines for journald with their fields, or on standard error.

A state is logged when it changes, and a failure that goes on is logged once an hour.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.daemon.journal import Journal

_PRIORITIES = {"error": 3, "warning": 4, "info": 6, "debug": 7}
_AGAIN = 3600.0


class Log:
    """Writes lines of at least a level.

    level: error, warning, info or debug.
    clock: Gives seconds since boot.
    journal: Where lines go that it takes; all others go to standard error.
    """

    def __init__(self, level: str, clock: Callable[[], float], journal: Journal | None = None) -> None:
        self.level = level
        self._clock = clock
        self._journal = journal
        self._said: dict[str, tuple[str, float]] = {}

    def write(self, level: str, text: str, **fields: str) -> None:
        """Write a line, with what programs may ask for it by."""
        priority = _PRIORITIES[level]
        if priority > _PRIORITIES[self.level]:
            return
        if self._journal and self._journal.send(priority, text, fields):
            return
        prefix = f"<{priority}>" if self._journal else f"stocktake: {level}: "
        try:
            sys.stderr.write(f"{prefix}{text}\n")
            sys.stderr.flush()
        except OSError:
            pass  # a full disk behind standard error must not end the daemon

    def state(self, subject: str, level: str, text: str, **fields: str) -> None:
        """Write what a subject's state is, when it is another one than last time, or an hour has gone by."""
        last, at = self._said.get(subject, ("", 0.0))
        now = self._clock()
        if text != last or (level in ("error", "warning") and now - at >= _AGAIN):
            self._said[subject] = (text, now)
            self.write(level, f"{subject}: {text}", **fields)
