"""Whether dpkg, or a program that drives it, is at work: the locks that they hold meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.databases.locks import POSIX, write_locked

if TYPE_CHECKING:
    from agent.host import Host

LOCKS = ("/var/lib/dpkg/lock", "/var/lib/dpkg/lock-frontend")
"""dpkg locks the first while it runs, apt the second while it runs dpkg more than once."""


def locked(host: Host) -> bool:
    """Tell whether a process that can be seen has a write lock on one of dpkg's lock files."""
    return write_locked(host, LOCKS, POSIX)
