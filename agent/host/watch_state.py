"""What the watcher has told of itself in watch.json, and whether it is still there."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from agent.model.records import FileWatch

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = "watch.json"
_LIMIT = 64 * 1024
_WORDS = 4096
_MODULE = b"\0agent.watch\0"
"""Stands in the command line of the watcher (see agent.start.words)."""
_WATCHING, _ENDED, _UNAVAILABLE, _OFF = "watching", "ended", "unavailable", "off"
_STATES = (_WATCHING, _ENDED, _UNAVAILABLE, _OFF)
_FORMS = ("file_systems", "directories")
_TEXT = 500
"""Longest reason, characters."""
_PLACES = 3
"""Places that it cannot watch that are named."""


class WatchState(NamedTuple):
    """The state of the watcher.

    watch: Its record.
    session: When it began to watch, also after it ended; None where it did not say.
    """

    watch: FileWatch
    session: int | None


def watch_state(folder: str, *, wanted: bool, running: bool = True) -> WatchState:
    """Tell the state of the watcher.

    folder: That of the section integrity.
    wanted: Whether the settings ask for it.
    running: Whether the root is a running system, in which alone things happen.
    """
    if not wanted:
        return _without(_OFF, "it is switched off by integrity.watch")
    if not running:
        return _without(_UNAVAILABLE, "the root is no running system")
    told = _told(folder)
    if not told:
        return _without(_UNAVAILABLE, "the watcher is not running")
    since, missed = _number(told.get("since")), _number(told.get("missed")) or 0
    if told["state"] != _WATCHING:
        return WatchState(FileWatch(told["state"], None, _text(told.get("reason")), None, missed), since)
    if not _is_watcher(told.get("pid")):
        return WatchState(FileWatch(_ENDED, None, "the watcher died", None, missed), since)
    form = told.get("form") if told.get("form") in _FORMS else None
    return WatchState(FileWatch(_WATCHING, form, _unwatched(told.get("unwatched")), since, missed), since)


def _without(state: str, reason: str) -> WatchState:
    return WatchState(FileWatch(state, None, reason, None, 0), None)


def _told(folder: str) -> Mapping[str, Any]:
    """Read the file; empty when there is none, or none that makes sense."""
    try:
        with open(os.path.join(folder, _NAME), "rb") as file:
            told = json.loads(file.read(_LIMIT))
    except (OSError, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) and told.get("state") in _STATES else {}


def _is_watcher(pid: object) -> bool:
    """Tell whether a process is a watcher, and no other that has got its number since."""
    if _number(pid) is None:
        return False
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as words:
            return _MODULE in words.read(_WORDS)
    except OSError:
        return False


def _number(value: object) -> int | None:
    return value if type(value) is int and 0 <= value < 1 << 53 else None


def _text(value: object) -> str | None:
    return value[:_TEXT] if isinstance(value, str) else None


def _unwatched(places: object) -> str | None:
    """Name the places that cannot be watched, each with why."""
    pairs = [pair for pair in places if isinstance(pair, list) and len(pair) == 2] if isinstance(places, list) else []
    named = [f"{place}: {why}" for place, why in pairs[:_PLACES] if isinstance(place, str) and isinstance(why, str)]
    more = [f"and {len(pairs) - _PLACES} more"] if len(pairs) > _PLACES else []
    return "; ".join(["not watched: " + ", ".join(named), *more])[:_TEXT] if named else None
