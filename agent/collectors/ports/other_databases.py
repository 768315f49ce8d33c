"""Which package of another package manager than dpkg owns which executable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.databases import MARKS, load
from agent.databases import merged as merged_directories
from agent.databases.owners import owners
from agent.host.errors import LimitReached, Unsettled, gap
from agent.model.records import Gap

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.databases import Database
    from agent.host.root import HostRoot

_SUBJECT = "packages of executables"
_NAMES = tuple(name for name in MARKS if name in ("rpm", "apk", "pacman"))


def reads() -> tuple[str, ...]:
    """Give the globs of what is read."""
    databases = (path for name in _NAMES for path in (*MARKS[name], *load(name).READS))
    return (*merged_directories.READS, *databases)


def owned_by_others(root: HostRoot, executables: set[str], report: Callable[[Gap], None]) -> dict[str, str | None]:
    """Give the package key of each executable, None where no package lists it; empty without any database."""
    try:
        databases = _present(root)
        found = owners(databases, root, executables, report)
    except Unsettled as error:
        report(Gap(_SUBJECT, "changed", str(error), None))
        return {}
    except (OSError, LimitReached) as error:
        report(gap(_SUBJECT, error, None))
        return {}
    return {path: found.get(path) for path in executables} if databases else {}


def _present(root: HostRoot) -> list[Database]:
    loaded = (load(name) for name in _NAMES if any(map(root.exists, MARKS[name])))
    return [database for database in loaded if database.present(root)]
