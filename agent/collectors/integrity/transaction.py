"""Whether a package manager is at work, so that files and databases do not fit together yet."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from agent.databases.stamp import marks
from agent.host.errors import LimitReached

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agent.databases import Database
    from agent.databases.stamp import Mark
    from agent.host import Host

_MOMENT = 0.1
"""Seconds; a look takes up to 5 ms."""


class Calm:
    """Tells whether no package manager has been at work since it was made, so that what was read of databases holds."""

    def __init__(self, host: Host, databases: Sequence[Database]) -> None:
        self._host = host
        self._databases = databases
        self._marks = self._look()
        self._holds = not under_way(host, databases)
        self._looked_at = time.monotonic()

    def holds(self) -> bool:
        """Look again, unless that was done a moment ago; what has been disturbed stays so."""
        now = time.monotonic()
        if self._holds and now - self._looked_at > _MOMENT:
            self._looked_at = now
            self._holds = self._look() == self._marks and not under_way(self._host, self._databases)
        return self._holds

    def _look(self) -> list[list[Mark]]:
        return [marks(self._host.root, database) for database in self._databases]


def under_way(host: Host, databases: Iterable[Database]) -> bool:
    """Tell whether any of the package managers is changing the host, as far as that can be seen. Never raises."""
    return any(_is_at_work(host, database) for database in databases)


def _is_at_work(host: Host, database: Database) -> bool:
    try:
        return database.at_work(host)
    except (OSError, LimitReached):
        return False  # the database itself says why it cannot be read
