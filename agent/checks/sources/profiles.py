"""Start-up files of shells (bash(1), INVOCATION): those of everybody and those of root."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.checks.sources import accounts, files
from agent.formats import shell_text

if TYPE_CHECKING:
    from agent.checks.engine.system import System
    from agent.formats.shell_text import Command

BASHRC = ("/etc/bash.bashrc", "/etc/bashrc")
PROFILE = ("/etc/profile", "/etc/profile.d/*.sh", "/etc/profile.d/sh.local")
_OF_ROOT = (".bash_profile", ".bash_login", ".profile", ".bashrc")


def commands(system: System, path: str) -> tuple[Command, ...]:
    """Give the commands of a file; one that is absent has none."""
    return tuple(shell_text.commands(files.lines(system, path)))


def of_all(system: System, patterns: tuple[str, ...]) -> list[str]:
    """Give the files that there are of some patterns."""
    return [path for pattern in patterns for path in system.root.glob(pattern)]


def of_root(system: System) -> list[str]:
    """Give the start-up files in the home of root."""
    return [f"{home_of_root(system)}/{name}" for name in _OF_ROOT]


def home_of_root(system: System) -> str:
    """Give the home of root as passwd names it."""
    return next((user.home.rstrip("/") for user in system.get(accounts.users) if user.uid == 0), "/root") or "/root"
