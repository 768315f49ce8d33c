"""The package databases of a root, as far as verdicts need them: which there are, and what each of them was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.databases import MARKS, load
from agent.databases.stamp import stamp
from agent.host.errors import LimitReached, gap

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agent.databases import Database
    from agent.host.root import HostRoot
    from agent.model.records import Gap


_APART = ("snap", "flatpak")
"""Databases of what lies in trees of its own, of which no file is watched."""


def present(root: HostRoot, report: Callable[[Gap], None]) -> tuple[list[Database], bool]:
    """Give the databases, and whether all could be looked for."""
    databases = []
    all_seen = True
    for name, marks in MARKS.items():
        try:
            if name not in _APART and any(map(root.exists, marks)):
                database = load(name)
                if database.present(root):
                    databases.append(database)
        except (OSError, LimitReached) as error:
            all_seen = False
            report(gap(f"{name} database", error, None))
    return databases, all_seen


def stamps(root: HostRoot, databases: Sequence[Database]) -> tuple[str, ...]:
    """Give each database's name with what it is behind a colon; nothing behind it where that cannot be told yet."""
    return tuple(f"{database.NAME}:{stamp(root, database, 'integrity') or ''}" for database in databases)


def untold(stamps: tuple[str, ...]) -> tuple[str, ...]:
    """Give stamps that tell nothing, so that the next scan takes the packages for others."""
    return tuple(f"{stamp.partition(':')[0]}:" for stamp in stamps)


def are_others(known: tuple[str, ...] | None, now: tuple[str, ...]) -> bool:
    """Tell whether the packages may be others than when the stamps were those that are known; yes where one cannot be told."""
    return known != now or any(stamp.endswith(":") for stamp in now)
