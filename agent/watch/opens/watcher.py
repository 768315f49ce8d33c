"""From the kernel's queue to the journal: each file that is opened is judged once, and then ignored."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from agent.formats.fanotify_event import OPEN, OPEN_EXEC, OVERFLOW, opens
from agent.inventory.code import NATIVE, language
from agent.watch.journal import LIMIT
from agent.watch.opens.sightings import Sightings

if TYPE_CHECKING:
    from agent.formats.fanotify_event import Open
    from agent.host.fanotify_opens import OpenGroup
    from agent.watch.journal import Journal
    from agent.watch.opens.ground import Ground
    from agent.watch.opens.openers import Opener, Openers
    from agent.watch.opens.storm import Storm

_OPENED, _EXECUTED = "opened", "executed"
_EARLY, _CONTAINERS = 200, 32
"""Files that are kept of one container until it is known, and of how many containers."""


class Watcher:
    """Takes events in and writes what they come to.

    missed: How often the kernel's queue was full, or the journal.
    overflowed_at: When that was last, seconds since 1970; None while it never was.
    """

    def __init__(self, group: OpenGroup, ground: Ground, openers: Openers, journal: Journal, storm: Storm) -> None:
        self.ground = ground
        self.missed = 0
        self.overflowed_at: int | None = None
        self.storm = storm
        self._group = group
        self._openers = openers
        self._journal = journal
        self._sightings = Sightings()
        self._early: dict[int, list[tuple[str, str]]] = {}
        self._pid = os.getpid()

    @property
    def wants_collection(self) -> bool:
        """Tell whether the journal should be taken over soon."""
        return self._journal.size > LIMIT // 2

    def take_in(self, now: float, clock: float) -> bool:
        """Take what the queue gives at once; False when it was empty.

        now: Seconds since 1970.
        clock: Seconds since boot.
        """
        buffer = self._group.read()
        for event in opens(buffer):
            if event.mask & OVERFLOW:
                self._miss(now)
            elif event.fd >= 0:
                try:
                    self._take(event, now, clock)
                except OSError:
                    pass  # the file cannot be named or looked at: it is told of again when it is opened
                finally:
                    os.close(event.fd)
        return bool(buffer)

    def place_early(self, now: float) -> None:
        """Give what was seen before its container was known to the container, now that it is."""
        for mount in list(self._early):
            scope = self.ground.scope_of(mount)
            if scope is not None:
                for grade, path in self._early.pop(mount):
                    self._sightings.add(now, scope, grade, False, path)

    def due(self) -> float | None:
        """When write has something to do, seconds since 1970; None while nothing waits."""
        return self._sightings.due()

    def write(self, now: float, everything: bool = False) -> None:
        """Write what has waited long enough, or everything."""
        due = self._sightings.due()
        if due is not None and (everything or now >= due or due - now > 60):
            missed = self._journal.append(list(self._sightings.take()))
            if missed:
                self._miss(now)

    def _take(self, event: Open, now: float, clock: float) -> None:
        if event.pid == self._pid:
            return
        if self.storm.count():
            self.storm.sample(self._group.mount_of(event.fd))
        path = self._group.path_of(event.fd)
        executed = bool(event.mask & OPEN_EXEC)
        written_in = language(path)
        if not executed and written_in is None:
            self._group.ignore(event.fd, OPEN)
            return
        opener = self._openers.of(event.pid, clock)
        mount = None if opener else self._group.mount_of(event.fd)
        scope = opener.scope if opener else self.ground.scope_of(mount)
        if scope is None:
            if mount and (executed or written_in == NATIVE):
                self._keep(mount, _EXECUTED if executed else _OPENED, path)
            return  # a process of the host looks at it
        if not executed and not self._runs(event.pid, opener, scope, written_in, path):
            return
        self._sightings.add(now, scope, _EXECUTED if executed else _OPENED, bool(opener and opener.root), path)
        if self._sightings.is_full():
            self.write(now, everything=True)
        if not self.ground.shared or os.fstat(event.fd).st_dev not in self.ground.shared:
            self._group.ignore(event.fd, OPEN | OPEN_EXEC if executed else OPEN)

    def _keep(self, mount: int, grade: str, path: str) -> None:
        """Keep what a process that has ended did in a container that is not known yet; the oldest of many go."""
        if mount not in self._early and len(self._early) >= _CONTAINERS:
            del self._early[next(iter(self._early))]
        early = self._early.setdefault(mount, [])
        if len(early) < _EARLY:
            early.append((grade, path))

    def _runs(self, pid: int, opener: Opener | None, scope: str, written_in: str | None, path: str) -> bool:
        """Tell whether whoever opened a file of code can run it; what cannot be told is counted."""
        if opener is None:
            if written_in == NATIVE:
                return True  # of those who read libraries without loading them, few are that short-lived
            self._unseen(scope)
            return False
        if written_in == NATIVE:
            return not opener.reads or self._openers.has_mapped(pid, path)
        if opener.reads:
            return False
        return written_in in opener.languages or self._openers.embeds(pid, written_in or "")

    def _unseen(self, scope: str) -> None:
        watched = self.ground.scopes.get(scope)
        if watched:
            watched.unseen += 1

    def _miss(self, now: float) -> None:
        self.missed += 1
        self.overflowed_at = int(now)
