"""The watch itself: asleep until something is opened or mounted, with a look now and then for new containers."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

from agent.host.errors import LimitReached
from agent.watch.opens.told import OpensTold, scopes_of, tell
from agent.watch.told import WATCHING
from agent.worker.state import load_settings

if TYPE_CHECKING:
    from agent.watch.opens.watcher import Watcher
    from agent.watch.told import Wants
    from agent.watch.waiting import Waiter

LOOK = 10.0
"""Seconds between two looks for containers that no mount has told of."""
SOON = (0.1, 0.5, 2.0, 5.0)
"""Seconds after a mount at which its container's processes are looked for."""
SETTLED = 15.0
"""Seconds after which a new container has opened most of what it will, so that it is worth a collection."""
_ROUNDS = 8
"""Readings of the queue between two looks at what is mounted and due."""
_REST = 0.005
"""Seconds in which more comes, after the queue was emptied: many events cost less together."""


class Watch:
    """Runs a watcher until it is asked to end."""

    def __init__(self, state_dir: str, folder: str, watcher: Watcher, wants: Wants, waiter: Waiter) -> None:
        self.since = int(time.time())
        self._state_dir = state_dir
        self._folder = folder
        self._watcher = watcher
        self._wants = wants
        self._waiter = waiter
        self._told: OpensTold | None = None
        self._looks = [clock()]
        self._collect_at: float | None = None

    def run(self) -> None:
        """Watch; what waited is written when this returns."""
        self._mounts_changed()
        while True:
            self._look()
            self._calm()
            self._wants.say(time.monotonic())
            self._tell()
            woken = self._waiter.wait(self._pause())
            if woken.mounts:
                self._mounts_changed()
            if woken.events:
                self._take_in()
            if woken.stops or (woken.reloads and not self._is_wanted()):
                self._watcher.write(time.time(), everything=True)
                return
            self._watcher.write(time.time())

    def told(self, state: str = WATCHING, reason: str | None = None) -> OpensTold:
        """Give what there is to tell."""
        return OpensTold(
            state,
            reason,
            since=self.since,
            missed=self._watcher.missed,
            overflowed_at=self._watcher.overflowed_at,
            pid=os.getpid() if state == WATCHING else None,
            scopes=scopes_of(self._watcher.ground.scopes),
            overlays=self._watcher.ground.overlays,
        )

    def _look(self) -> None:
        """Look for new containers when that is due."""
        at = clock()
        if at < self._looks[0]:
            return
        self._looks = [later for later in self._looks if later > at] or [at + LOOK]
        if self._watcher.ground.look(time.time(), at) and self._collect_at is None:
            self._collect_at = at + SETTLED
        self._watcher.place_early(time.time())
        if self._watcher.wants_collection or (self._collect_at is not None and at >= self._collect_at):
            self._collect_at = None
            self._wants.scan()

    def _calm(self) -> None:
        """Leave alone for a while who opens too many new files, and watch again who was left alone."""
        at = clock()
        worst = self._watcher.storm.worst(at)
        if worst is not None:
            self._watcher.ground.pause(worst, at)
        self._watcher.ground.resume(at)

    def _mounts_changed(self) -> None:
        """Mark what is mounted now; its processes come a little later."""
        at = clock()
        try:
            self._watcher.ground.mark_overlays(at)
        except (OSError, ValueError, LimitReached) as error:
            sys.stderr.write(f"the watcher of opens cannot read the mounts: {error}\n")
        self._looks = [at + after for after in SOON]

    def _take_in(self) -> None:
        time.sleep(_REST)
        for _ in range(_ROUNDS):
            if not self._watcher.take_in(time.time(), clock()):
                return

    def _pause(self) -> float:
        """Give the seconds until something is due."""
        due, wanted = self._watcher.due(), self._wants.due()
        pauses = [self._looks[0] - clock()]
        if due is not None:
            pauses.append(due - time.time())
        if wanted is not None:
            pauses.append(wanted - time.monotonic())
        return min(pauses)

    def _is_wanted(self) -> bool:
        """Tell whether the settings, which may be others now, still ask for it."""
        try:
            settings = load_settings(self._state_dir)
        except (OSError, ValueError, TypeError):
            return True
        return settings.usage_enabled and settings.usage_watch

    def _tell(self) -> None:
        """Write watch.json when it is not what it was."""
        told = self.told()
        if told != self._told and tell(self._folder, told):
            self._told = told


def clock() -> float:
    """Give the seconds since boot, by which the kernel also tells when processes started."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
