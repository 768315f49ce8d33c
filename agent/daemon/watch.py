"""A watcher as the daemon sees it, of changed files or of opened ones: kept alive, listened to line by line, started again when it dies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from agent.daemon.process import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agent.daemon.log import Log
    from agent.daemon.process import Ending

FIRST_WAIT, LONGEST_WAIT = 5.0, 900.0
"""Seconds until it is started again, at first and at most; each death doubles them."""
STABLE = 600.0
"""Seconds after which it counts as running well again."""
SETTLED = 60.0
"""Seconds within which one that cannot work here has said so by its exit code 0; later somebody else has ended it."""
DEAF = 1.0
"""Seconds for which nobody listens after it has spoken, so that no babble keeps the daemon awake."""
_NEVER = float("inf")


class Watch:
    """Keeps a watcher running; it is no job: it has no deadline and runs beside all of them.

    name: What it watches, for the log.
    words: Words of its command; none where nothing is watched.
    clock: Gives seconds since boot.
    log: Where its deaths are told.
    """

    def __init__(self, name: str, words: Sequence[str], clock: Callable[[], float], log: Log) -> None:
        self.name = name
        self._topic = f"watcher of {name}"
        self._words = words
        self._clock = clock
        self._log = log
        self._worker: Worker | None = None
        self._due = clock() if words else _NEVER
        self._started_at = 0.0
        self._heard_at = -DEAF
        self._deaths = 0

    @property
    def pid(self) -> int | None:
        """Its process; None while there is none."""
        return self._worker.pid if self._worker else None

    def step(self) -> list[str]:
        """Start it when that is due, see to it when it ended; give the sections that it wants to have collected."""
        now = self._clock()
        wanted = self._attend(self._worker, now) if self._worker else []
        if self._worker is None and now >= self._due:
            self._start(now)
        return wanted

    def listening(self) -> list[int]:
        """Give the descriptor on which it may speak, unless it has just spoken."""
        if self._worker is None or self._worker.is_silent or self._is_deaf():
            return []
        return [self._worker.fd]

    def next_check(self) -> float:
        """When step has something to do unless it speaks or dies before, seconds since boot."""
        if self._worker is None:
            return self._due
        return min(self._worker.next_check(), self._heard_at + DEAF if self._is_deaf() else _NEVER)

    def restart(self, words: Sequence[str]) -> None:
        """Have it run with these words from now on; the one that runs ends first."""
        self._words = words
        self.stop()
        self._deaths = 0
        self._due = self._clock() if words else _NEVER

    def stop(self) -> None:
        """Ask it to end, and start none any more."""
        self._due = _NEVER
        if self._worker:
            self._worker.end(self._clock())

    def _is_deaf(self) -> bool:
        return self._clock() < self._heard_at + DEAF

    def _attend(self, worker: Worker, now: float) -> list[str]:
        heard_before = worker.heard
        ending = worker.poll()
        if worker.heard != heard_before:
            self._heard_at = now
        self._settle(now)
        if ending is None:
            worker.keep_time(now)
        else:
            self._worker = None
            self._ended(ending, now)
        return [section for section in map(_wanted, worker.lines()) if section]

    def _settle(self, now: float) -> None:
        """Forget its deaths once it has lived long enough."""
        if self._deaths and now >= self._started_at + STABLE:
            self._deaths = 0
            self._log.state(self._topic, "info", "it runs again")

    def _start(self, now: float) -> None:
        self._started_at, self._due = now, _NEVER
        try:
            self._worker = Worker(self._topic, [*self._words], _NEVER)
        except OSError as error:
            self._failed(f"it could not be started: {error.strerror}", now)

    def _ended(self, ending: Ending, now: float) -> None:
        if ending.overdue:
            return  # it was asked to end; whoever asked has said what comes next
        if ending.code == 0 and now < self._started_at + SETTLED:
            self._log.state(
                self._topic,
                "warning",
                "it cannot work here, as stocktake status tells; scans go on",
            )
        elif ending.code < 0:
            self._failed(f"it was killed by signal {-ending.code}", now)
        else:
            self._failed(f"it ended with code {ending.code}", now)

    def _failed(self, text: str, now: float) -> None:
        self._due = now + min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(self._deaths, 10))
        self._deaths += 1
        self._log.state(self._topic, "error", f"{text}; it is started again")


def _wanted(line: bytes) -> str | None:
    """Read {"wants": section}; whatever else it may say is passed over."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    section = said.get("wants") if isinstance(said, dict) else None
    return section if isinstance(section, str) else None
