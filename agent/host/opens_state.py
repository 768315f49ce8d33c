"""What the watcher of opens has told of itself in watch.json, and whether it is still there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from agent.host.errors import LimitReached
from agent.host.kept import read_kept

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NAME = "watch.json"
_LIMIT = 4 * 1024 * 1024
_WORDS = 4096
_MODULE = b"\0agent.watch.opens\0"
"""Stands in the command line of the watcher (see agent.start.words)."""
WATCHING, ENDED, UNAVAILABLE, OFF = "watching", "ended", "unavailable", "off"
_STATES = (WATCHING, ENDED, UNAVAILABLE, OFF)
_TEXT = 500


class WatchedScope(NamedTuple):
    """A container that is watched.

    since: Since when, seconds since 1970.
    is_whole: Whether from its start.
    unseen: Opens by processes that had ended before they could be looked at, so that nobody knows whether they count.
    note: What of it is not watched; None where all is.
    """

    since: int
    is_whole: bool
    unseen: int
    note: str | None


class OpensState(NamedTuple):
    """The state of the watcher of opens.

    state: watching, ended, unavailable or off.
    reason: Why it does not watch; None while it does.
    since: When it began to watch, seconds since 1970.
    missed: How often events were lost.
    overflowed_at: When that was last; None while none was.
    scopes: The containers that it watches, by id; none unless it watches.
    """

    state: str
    reason: str | None
    since: int | None
    missed: int
    overflowed_at: int | None
    scopes: Mapping[str, WatchedScope]


def opens_state(folder: str | None, *, wanted: bool) -> OpensState:
    """Tell the state of the watcher.

    folder: That of the section usage; None where nothing is kept, and so nothing watched.
    wanted: Whether the settings ask for it.
    """
    if not wanted:
        return _without(OFF, "it is switched off by usage.watch")
    told = _told(folder) if folder else {}
    if not told:
        return _without(UNAVAILABLE, "the watcher is not running")
    state, reason = told["state"], told.get("reason")
    if state == WATCHING and not _is_watcher(told.get("pid")):
        state, reason = ENDED, "the watcher died"
    scopes = told.get("scopes") if state == WATCHING else {}
    return OpensState(
        state,
        reason[:_TEXT] if isinstance(reason, str) else None,
        _number(told.get("since")),
        _number(told.get("missed")) or 0,
        _number(told.get("overflowed_at")),
        dict(_scopes(scopes)) if isinstance(scopes, dict) else {},
    )


def _without(state: str, reason: str) -> OpensState:
    return OpensState(state, reason, None, 0, None, {})


def _told(folder: str) -> dict[str, Any]:
    """Read the file; empty when there is none, or none that makes sense."""
    try:
        told = json.loads(read_kept(folder, _NAME, _LIMIT) or b"{}")
    except (OSError, LimitReached, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) and told.get("state") in _STATES else {}


def _scopes(told: Mapping[str, Any]) -> Iterator[tuple[str, WatchedScope]]:
    for name, fields in told.items():
        if isinstance(fields, list) and len(fields) == 4:
            since, is_whole, unseen, note = fields
            yield (
                name,
                WatchedScope(
                    _number(since) or 0, is_whole is True, _number(unseen) or 0, note if isinstance(note, str) else None
                ),
            )


def _is_watcher(pid: object) -> bool:
    """Tell whether a process is a watcher of opens, and no other that has got its number since."""
    if _number(pid) is None:
        return False
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as words:
            return _MODULE in words.read(_WORDS)
    except OSError:
        return False


def _number(value: object) -> int | None:
    return value if type(value) is int and 0 <= value < 1 << 53 else None
