"""From the kernel's queue to the journal: events are placed, attributed, counted and written."""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING

from agent.formats.fanotify_event import CREATE, MOVED_FROM, MOVED_TO, ON_DIRECTORY, OPEN_EXEC, OVERFLOW, events
from agent.host.fanotify import CHANGES
from agent.watch.event_line import line
from agent.watch.journal import LIMIT
from agent.watch.noisy import Noisy
from agent.watch.novel import Novel
from agent.watch.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.formats.fanotify_event import Event
    from agent.host.actors import Actors
    from agent.host.fanotify import Group
    from agent.watch.field import Field
    from agent.watch.journal import Journal
    from agent.watch.tally import Count
    from agent.watch.told import Wants

_MOVED = MOVED_FROM | MOVED_TO
_APPEARED = CREATE | MOVED_TO
_COUNTED = CHANGES | OPEN_EXEC
_BATCH = 64
"""Entries that are written at once."""
_LOADERS = (b"ld-", b"ld.so", b"ld64.so")
"""How the names of dynamic loaders start (ld.so(8)), which the kernel opens to execute them, too."""


class Watcher:
    """Takes events in and writes what they come to.

    field: What is marked.
    missed: Events that are known to be lost; of a full queue the kernel does not tell how many, it counts as one.
    strangers: How often a process was met that has to be looked at soon, before it ends.
    """

    def __init__(self, group: Group, field: Field, actors: Actors, journal: Journal, wants: Wants) -> None:
        self.field = field
        self.missed = 0
        self.strangers = 0
        self._group = group
        self._actors = actors
        self._journal = journal
        self._wants = wants
        self._tally = Tally()
        self._novel = Novel()
        self._noisy = Noisy()
        self._pid = os.getpid()

    def take_in(self, now: float, clock: float) -> bool:
        """Take what the queue gives at once; False when it was empty.

        now: Seconds since 1970.
        clock: Seconds of a clock that is not set.
        """
        buffer = self._group.read()
        if self._tally.is_over(now):
            self.write_all()
        for event in events(buffer):
            if event.mask & OVERFLOW:
                self._miss(1)
            elif event.pid != self._pid:
                self._take(event, now, clock)
        return bool(buffer)

    def due(self) -> float | None:
        """When write has something to do, seconds since 1970; None while nothing waits."""
        return self._tally.due()

    def write(self, now: float) -> None:
        """Write what has waited long enough."""
        due = self._tally.due()
        if self._tally.is_over(now):
            self.write_all()
        elif due is not None and now >= due:
            self._append(self._tally.take())

    def write_all(self) -> None:
        """Write everything that waits."""
        self._append(self._tally.take_all())

    def _take(self, event: Event, now: float, clock: float) -> None:
        mask, _, directory, name = event
        if mask & OPEN_EXEC:
            self.strangers += 1
            self._note_program(event, clock)
        place = self.field.place(directory)
        if mask & ON_DIRECTORY and mask & _MOVED:
            self.field.directory_moved()
        path = place.path_of(os.fsdecode(name)) if place else None
        if path is not None:
            self._count(event, path, now, clock)
        elif place is None and mask & CHANGES and self._noisy.is_too_much(directory):
            self.field.ignore_files(directory)

    def _count(self, event: Event, path: str, now: float, clock: float) -> None:
        if event.mask & ON_DIRECTORY and event.mask & _APPEARED:
            self.field.directory_appeared(path)
        mask = self._novel.worth(path, event.mask & _COUNTED)
        if not mask:
            return
        if self._tally.is_over(now):
            self.write_all()
        self.strangers += not self._actors.knows(event.pid)
        actor = self._actors.at(event.pid, clock)
        if mask & OPEN_EXEC:
            actor = actor._replace(executable=path)
        self._tally.add(now, event.pid, path, mask, actor)

    def _note_program(self, event: Event, clock: float) -> None:
        """Remember what a process is about to become; the dynamic loader is opened after the program itself."""
        if event.name.startswith(_LOADERS):
            return
        directory = self.field.directory(event.directory)
        program = None if directory is None else f"{directory}/{os.fsdecode(event.name)}"
        self._actors.executes(event.pid, program, clock)

    def _append(self, counts: Iterable[Count]) -> None:
        waiting = iter(counts)
        while batch := list(islice(waiting, _BATCH)):
            missed = self._journal.append([(line(count), count.events) for count in batch])
            if missed:
                self._miss(missed)
        if self._journal.size > LIMIT // 2:
            self._wants.scan()

    def _miss(self, events: int) -> None:
        self.missed += events
        self._wants.scan()
