"""The homes of users who can log in, and the dot files right in them; on local file systems alone, so that nobody else has to answer."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from agent.checks.sources import accounts
from agent.host.locality import Locality

if TYPE_CHECKING:
    from agent.checks.engine.system import System
    from agent.formats.accounts import Account


class Home(NamedTuple):
    """The home of a user.

    status: Of the directory, links followed; None where there is nothing.
    files: Name and status of the regular files in it whose name starts with a dot.
    """

    user: Account
    status: os.stat_result | None
    files: tuple[tuple[str, os.stat_result], ...]


def homes(system: System) -> tuple[Home, ...]:
    """Look at the homes; those that are not local are passed over."""
    with Locality(system.root) as locality:
        users = [user for user in accounts.interactive(system) if user.home.startswith("/")]
        return tuple(_home(system, user) for user in users if locality.resolve(user.home) is not None)


def _home(system: System, user: Account) -> Home:
    try:
        status = system.root.stat(user.home)
    except (FileNotFoundError, NotADirectoryError):
        return Home(user, None, ())
    is_own = stat.S_ISDIR(status.st_mode) and user.home.strip("/")
    return Home(user, status, _dot_files(system, user.home) if is_own else ())


def _dot_files(system: System, home: str) -> tuple[tuple[str, os.stat_result], ...]:
    found = []
    with system.root.directory(home) as directory:
        for name in directory.names():
            if name.startswith("."):
                try:
                    status = directory.stat(name)
                except FileNotFoundError:
                    continue
                if stat.S_ISREG(status.st_mode):
                    found.append((name, status))
    return tuple(found)
