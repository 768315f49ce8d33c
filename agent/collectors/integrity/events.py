"""Who changed what, as the watcher saw it: its journal becomes records, and old ones go."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from agent.collectors.integrity.actors import named
from agent.collectors.integrity.event_lines import event_of, united
from agent.host.errors import LimitReached, gap
from agent.host.taken_journal import lines, take
from agent.host.watch_state import watch_state
from agent.model.records import FileEvent, FileWatch, Gap
from agent.model.spec import Gone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.host import Host
    from agent.host.watch_state import WatchState
    from agent.model.records import Record
    from agent.model.spec import Options

KEPT = 10_000
"""Events that the section holds."""
_SLACK = 1000
"""Events beyond those between two sortings that drop them."""
_EVENTS = "event/"


def events(host: Host, options: Options) -> Iterator[Record | Gone]:
    """Give the state of the watcher, what is new in its journal, and which events of the last snapshot go.

    Gaps of the last snapshot are not told to be gone: the scan does that with all that are not given again. None of them
    hides a record: what was lost comes in no later collection, and what is known goes by its age alone.
    """
    if options.folder is None:
        return
    wanted = options.integrity.watch
    state = watch_state(options.folder, wanted=wanted, running=host.proc is not None)
    yield state.watch
    yield from _lost(state, options)
    journal = Journal(int(time.time()) - options.integrity.changes_kept)
    journal.read(options)
    yield from _settled(journal, options)
    yield from named(host, options, journal.events)
    yield from journal.gaps()


class Journal:
    """What the parts of the journal hold, within bounds.

    oldest: Moment before which events are not kept, seconds since 1970.
    events: The events by their keys.
    """

    def __init__(self, oldest: int) -> None:
        self.oldest = oldest
        self.events: dict[str, FileEvent] = {}
        self._damaged = self._dropped = 0
        self._error: Exception | None = None

    def read(self, options: Options) -> None:
        """Take the journal over and read it."""
        assert options.folder is not None
        try:
            for path in take(options.folder, options.succeeded_at):
                for line in lines(path):
                    self._add(line)
        except (LimitReached, OSError) as error:
            self._error = error
        self.drop([])

    def drop(self, known: list[str]) -> list[str]:
        """Drop the oldest of these events and of those with known keys beyond what is kept; give the known among them."""
        keys = sorted({*known, *self.events})
        dropped = keys[: max(0, len(keys) - KEPT)]
        for key in dropped:
            self.events.pop(key, None)
        self._dropped += len(dropped)
        return sorted(set(dropped).intersection(known))

    def gaps(self) -> Iterator[Gap]:
        """Give what could not be read or kept."""
        if self._error:
            yield gap("watcher/journal", self._error, None)
        if self._damaged:
            yield Gap("watcher/lines", "malformed", f"{self._damaged} lines of the journal are damaged", None)
        if self._dropped:
            yield Gap("watcher/events", "limit", f"{self._dropped} events beyond the newest {KEPT} were dropped", None)

    def _add(self, line: bytes) -> None:
        try:
            event = event_of(line)
        except ValueError:
            self._damaged += line != b"\n"
            return
        if event.minute < self.oldest:
            return
        known = self.events.get(event.key)
        self.events[event.key] = united(known, event) if known else event
        if len(self.events) > KEPT + _SLACK:
            self.drop([])


def _settled(journal: Journal, options: Options) -> Iterator[Gone]:
    """Unite new events with those of the last snapshot; give those that go, for their age or number.

    Without anything new the oldest tell enough: keys are in the order of time.
    """
    known = []
    for event in options.previous(_EVENTS):
        if not isinstance(event, FileEvent):
            continue
        if event.minute < journal.oldest:
            yield Gone(event.key)
            continue
        if not journal.events:
            return
        known.append(event.key)
        if event.key in journal.events:
            journal.events[event.key] = united(event, journal.events[event.key])
    yield from map(Gone, journal.drop(known))


def _lost(state: WatchState, options: Options) -> Iterator[Gap]:
    """Give the gap of events that were lost since the last snapshot; this scan sees what became of the files themselves."""
    before = next((watch for watch in options.previous("watch") if isinstance(watch, FileWatch)), None)
    lost = state.watch.missed - (before.missed if before and _is_same(before, state) else 0)
    if lost > 0:
        detail = f"{lost} events were lost, {state.watch.missed} in all: who changed these files is not known"
        yield Gap("watcher/missed", "limit", detail, None)


def _is_same(before: FileWatch, state: WatchState) -> bool:
    """Tell whether the state is of the watcher that was there before; one that has ended no longer says since when."""
    if state.session is None or before.since is None:
        return state.watch.since is None
    return before.since == state.session
