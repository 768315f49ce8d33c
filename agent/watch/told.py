"""What the watcher tells of itself: the file watch.json for the next scan and `stocktake status`, and the daemon's pipe."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, NamedTuple

from agent.delivery.files import read_small, write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME = "watch.json"
"""Name of the file in the folder of the section."""
_LIMIT = 64 * 1024
WATCHING, ENDED, UNAVAILABLE, OFF = "watching", "ended", "unavailable", "off"
FIRST_WAIT, LONGEST_WAIT = 10.0, 600.0
"""Seconds between two wants, at first and at most: each that follows within twice the last wait doubles it."""


class Told(NamedTuple):
    """The state of the watcher, with the fields of FileWatch.

    unwatched: Watched places that it cannot watch, each with why.
    """

    state: str
    form: str | None = None
    reason: str | None = None
    since: int | None = None
    missed: int = 0
    pid: int | None = None
    unwatched: Sequence[tuple[str, str]] = ()


def tell(folder: str, told: Told) -> bool:
    """Write the file; False when that cannot be done."""
    try:
        write_whole(os.path.join(folder, NAME), json.dumps(told._asdict()).encode())
    except OSError:
        return False
    return True


def died_before(folder: str) -> bool:
    """Tell whether a watcher before ended without a word, so that nobody knows what happened since."""
    try:
        told = json.loads(read_small(os.path.join(folder, NAME), _LIMIT) or b"{}")
    except (OSError, ValueError, RecursionError):
        return True
    return not isinstance(told, dict) or told.get("state") == WATCHING


class Wants:
    """Asks the daemon for a scan; asked again and again, it waits longer each time.

    fd: The daemon's pipe; None without a daemon.
    section: Which section is to be collected.
    """

    def __init__(self, fd: int | None, section: str = "integrity") -> None:
        self._fd = fd
        self._line = json.dumps({"wants": section}).encode() + b"\n"
        self._is_wanted = False
        self._next_at = 0.0
        self._wait = FIRST_WAIT

    def scan(self) -> None:
        """Want a scan, now or when the wait since the last one is over (see say)."""
        self._is_wanted = True

    def due(self) -> float | None:
        """When to say so, on the clock that say is given; None when nothing is wanted."""
        return self._next_at if self._is_wanted else None

    def say(self, now: float) -> None:
        """Ask if that is due."""
        if not self._is_wanted or now < self._next_at:
            return
        self._is_wanted = False
        is_again = now < self._next_at + self._wait
        self._wait = min(LONGEST_WAIT, self._wait * 2) if is_again else FIRST_WAIT
        self._next_at = now + self._wait
        if self._fd is not None:
            try:
                os.write(self._fd, self._line)
            except OSError:
                pass  # the daemon is gone, and the watcher about to follow it
