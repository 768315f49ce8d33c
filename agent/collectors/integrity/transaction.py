"""Whether a package manager is at work, so that files and databases do not fit together yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.host.errors import LimitReached

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.databases import Database
    from agent.host import Host


def under_way(host: Host, databases: Iterable[Database]) -> bool:
    """Tell whether any of the package managers is changing the host, as far as that can be seen. Never raises."""
    return any(_is_at_work(host, database) for database in databases)


def _is_at_work(host: Host, database: Database) -> bool:
    try:
        return database.at_work(host)
    except (OSError, LimitReached):
        return False  # the database itself says why it cannot be read
