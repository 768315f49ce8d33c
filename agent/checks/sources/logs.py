"""The files below /var/log."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.host.entry_budget import Budget
from agent.host.status_walk import StatusWalk
from agent.host.stops import REMOTE

if TYPE_CHECKING:
    import os

    from agent.checks.engine.system import System
    from agent.model.records import Gap

TOP = "/var/log"
_BUDGET = Budget(entries=200_000, processor_seconds=10.0, seconds=60.0)
_REGULAR = 0o100000


class Logs(NamedTuple):
    """What is there.

    files: Path below /var/log, without a slash before it, and status of each regular file.
    unseen: Why something was not seen; empty where all was.
    """

    files: tuple[tuple[str, os.stat_result], ...]
    unseen: tuple[str, ...]


def logs(system: System) -> Logs:
    """Look at all regular files; a root without the directory has none."""
    try:
        tree = system.root.at(TOP)
    except (FileNotFoundError, NotADirectoryError):
        return Logs((), ())
    lost: list[Gap] = []
    with StatusWalk(tree, _BUDGET, lost.append) as walk:
        found = [
            (f"{folder}/{name}".lstrip("/"), status)
            for folder, name, status in walk.entries()
            if status.st_mode & 0o170000 == _REGULAR
        ]
        ended = (walk.ended,) if walk.ended else ()
    unseen = (*ended, *(f"{TOP}{each.subject}: {each.reason}" for each in lost if each.reason != REMOTE))
    return Logs(tuple(sorted(found, key=lambda each: each[0])), unseen)
