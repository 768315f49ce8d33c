"""The watch itself: asleep until something happens, and again as soon as that is dealt with."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

from agent.watch.told import WATCHING, Told, tell
from agent.watch.trees import scope_of
from agent.worker.state import load_settings

if TYPE_CHECKING:
    from agent.host.local_mounts import LocalMounts
    from agent.watch.told import Wants
    from agent.watch.waiting import Waiter
    from agent.watch.watcher import Watcher

_REST = 0.02
"""Seconds between two looks at processes that are known already: each look costs as much as twenty events."""
_ROUNDS = 256
"""Readings of the queue between two looks at signals and times."""


class Watch:
    """Runs a watcher until it is asked to end.

    since: When it began, seconds since 1970.
    """

    def __init__(
        self, state_dir: str, folder: str, watcher: Watcher, mounts: LocalMounts, wants: Wants, waiter: Waiter
    ) -> None:
        self._state_dir = state_dir
        self._folder = folder
        self._watcher = watcher
        self._mounts = mounts
        self._wants = wants
        self._waiter = waiter
        self.since = int(time.time())
        self._told: Told | None = None

    def run(self) -> None:
        """Watch; what waited is written when this returns."""
        while True:
            self._wants.say(time.monotonic())
            self._tell()
            woken = self._waiter.wait(self._pause())
            if woken.events:
                self._take_in()
            if woken.stops or (woken.reloads and not self._reload()):
                self._watcher.write_all()
                self._wants.say(time.monotonic())
                return
            if woken.mounts:
                self._mount_changed()
            self._watcher.write(time.time())

    def _pause(self) -> float | None:
        """Give the seconds until something is due; None while nothing is."""
        write, want = self._watcher.due(), self._wants.due()
        pauses = [] if write is None else [write - time.time()]
        if want is not None:
            pauses.append(want - time.monotonic())
        return min(pauses) if pauses else None

    def _take_in(self) -> None:
        """Empty the queue; where nobody new was met, what they go on to do can wait a little and be taken in at once."""
        strangers = self._watcher.strangers
        for _ in range(_ROUNDS):
            if not self._watcher.take_in(time.time(), time.monotonic()):
                break
        if strangers == self._watcher.strangers:
            time.sleep(_REST)

    def _mount_changed(self) -> None:
        """Mark what is mounted now; a mount table that cannot be read leaves what is marked as it is."""
        try:
            self._mounts.refresh()
        except (OSError, ValueError) as error:
            sys.stderr.write(f"the watcher cannot read the mounts: {error}\n")
            return
        self._watcher.field.mark()

    def _reload(self) -> bool:
        """Take over other settings; False when nothing is to be watched any more."""
        try:
            settings = load_settings(self._state_dir)
            scope = scope_of(settings)
        except (OSError, ValueError, TypeError) as error:
            sys.stderr.write(f"the watcher goes on with the settings before: {error}\n")
            return True
        self._watcher.field.change(scope)
        return settings.integrity_enabled and settings.integrity_watch

    def _tell(self) -> None:
        """Write watch.json when it is not what it was."""
        field = self._watcher.field
        told = Told(
            WATCHING,
            field.form,
            since=self.since,
            missed=self._watcher.missed,
            pid=os.getpid(),
            unwatched=tuple(field.unwatched),
        )
        if told != self._told and tell(self._folder, told):
            self._told = told
