"""What the watcher of opens saw since the last collection, and how completely it saw each container."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from agent.collectors.usage.memory import Opened
from agent.host.errors import LimitReached, gap
from agent.host.opens_state import WATCHING, opens_state
from agent.host.taken_journal import lines, take
from agent.model.records.usage import EXECUTED, OPENED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agent.model.records import Gap
    from agent.model.spec import Options

_SUBJECT = "opened files"
_FILES = 50_000
"""Files of one container that are taken in at once."""


class Coverage(NamedTuple):
    """How completely opened files of a scope were seen.

    since: Since when without a break, seconds since 1970; None where they are not watched.
    is_whole: Whether none can have been missed since it started.
    missed: What may have been missed, for people.
    """

    since: int | None
    is_whole: bool
    missed: tuple[str, ...]


class Opens:
    """What was seen, by scope."""

    def __init__(self, options: Options, report: Callable[[Gap], None]) -> None:
        self._state = opens_state(options.folder, wanted=options.watches_usage)
        self._seen: dict[str, dict[tuple[str, str], Opened]] = {}
        self._cut: set[str] = set()
        try:
            for part in take(options.folder, options.succeeded_at) if options.folder else ():
                for line in lines(part):
                    self._take(line)
        except (OSError, LimitReached) as error:
            report(gap(_SUBJECT, error, ""))

    def of(self, scope: str) -> list[Opened]:
        """Give the files that were opened or executed in a scope."""
        return list(self._seen.get(scope, {}).values())

    def coverage(self, scope: str) -> Coverage:
        """Tell how completely they were seen."""
        watched = self._state.scopes.get(scope)
        if watched is None or self._state.state != WATCHING:
            reason = self._state.reason or "it is not among what is watched"
            return Coverage(None, False, (f"files that were opened and closed between two looks ({reason})",))
        missed = []
        if not watched.is_whole:
            missed.append("files that were opened before it was watched")
        if self._state.overflowed_at is not None and self._state.overflowed_at >= watched.since:
            missed.append("files whose opening was lost because too many were opened at once")
        if watched.unseen:
            missed.append("files that were opened by processes that ended at once")
        if scope in self._cut:
            missed.append("more opened files than are taken in at once")
        if watched.note:
            missed.append(watched.note)
        return Coverage(watched.since, not missed, tuple(missed))

    def _take(self, line: bytes) -> None:
        try:
            for scope, opened in _read(json.loads(line)):
                seen = self._seen.setdefault(scope, {})
                if len(seen) >= _FILES:
                    self._cut.add(scope)
                    return
                key = opened.path, opened.grade
                before = seen.get(key)
                seen[key] = opened._replace(root=opened.root or before.root) if before else opened
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return  # a line that was cut off when the watcher was killed


def _read(line: Any) -> Iterator[tuple[str, Opened]]:
    grade = EXECUTED if line["grade"] == EXECUTED else OPENED
    for name in line["names"]:
        yield str(line["scope"]), Opened(f"{line['folder']}/{name}", grade, int(line["at"]), line["root"] is True)
