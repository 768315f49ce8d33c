"""The policy of sudo: sudoers(5) with all that it includes, in order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from agent.checks.sources import files, packages
from agent.formats import sudoers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.checks.engine.system import System

SUDOERS = "/etc/sudoers"
_DEPTH = 16
_VERSION = re.compile(r"(?:\d+:)?(\d+)\.(\d+)\.(\d+)")


class Said(NamedTuple):
    """A statement with where it stands."""

    statement: sudoers.Statement
    where: str


def policy(system: System) -> tuple[Said, ...]:
    """Give all settings and tags in the order in which sudo reads them."""
    return tuple(_of_file(system, SUDOERS, 0))


def settings(system: System, name: str) -> list[tuple[sudoers.Setting, str]]:
    """Give what is said of a parameter, with where."""
    return [
        (each.statement, each.where)
        for each in system.get(policy)
        if isinstance(each.statement, sudoers.Setting) and each.statement.name == name
    ]


def version(system: System) -> tuple[int, ...] | None:
    """Give the version of the installed sudo; None where no package tells it."""
    installed = system.get(packages.installed)
    found = _VERSION.match(installed.get("sudo") or installed.get("sudo-ldap") or "")
    return tuple(map(int, found.groups())) if found else None


def _of_file(system: System, path: str, depth: int) -> Iterator[Said]:
    if depth > _DEPTH:
        return
    for each in sudoers.statements(files.lines(system, path)):
        if isinstance(each, sudoers.Include):
            for included in _included(system, path, each):
                yield from _of_file(system, included, depth + 1)
        else:
            yield Said(each, f"{path}:{each.number}")


def _included(system: System, path: str, include: sudoers.Include) -> list[str]:
    """Give the files; of a directory those whose name has no dot and does not end with a tilde, by name."""
    place = include.path if include.path.startswith("/") else f"{path.rpartition('/')[0]}/{include.path}"
    if not include.directory:
        return [place]
    try:
        names = system.root.names(place)
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [f"{place.rstrip('/')}/{name}" for name in names if "." not in name and not name.endswith("~")]
