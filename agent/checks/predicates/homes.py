"""Judgements about the homes of users who can log in, and the dot files in them."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from agent.checks.predicates.combine import all_of
from agent.checks.predicates.listed import none_wrong
from agent.checks.sources import homes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System

_TRUSTING = (".forward", ".netrc", ".rhosts", ".shosts")
_EQUIVALENT = "/etc/hosts.equiv"


def private(mode: str, group: bool) -> Rule:
    """Hold where every home is there, is its user's, of the primary group where that counts, and open to no more than a mode."""
    told = " and primary group" if group else ""
    expected = f"homes exist, belong to their user{told}, mode {mode} or less"
    return none_wrong(expected, lambda system: _open_homes(system, int(mode, 8), group))


def dot_files(mode: str, history: str) -> Rule:
    """Hold where dot files belong to their user and group, are open to no more than a mode, and none lets others in.

    history: The mode for .bash_history; empty where it is that of the others.
    """
    modes = {"": int(mode, 8), ".bash_history": int(history or mode, 8)}
    return all_of(
        none_wrong(
            f"dot files belong to their user and primary group, mode {mode} or less",
            lambda system: _open_files(system, modes),
        ),
        none_wrong(f"no {', '.join(_TRUSTING)} in homes and no {_EQUIVALENT}", _trusting),
    )


def _open_homes(system: System, mode: int, group: bool) -> Iterator[tuple[str, str]]:
    for home in system.get(homes.homes):
        name, place, status = home.user.name, home.user.home, home.status
        if status is None or not stat.S_ISDIR(status.st_mode):
            yield f"{name}: absent", place
        elif status.st_uid != home.user.uid:
            yield f"{name}: owner {status.st_uid}", place
        elif group and status.st_gid != home.user.gid:
            yield f"{name}: group {status.st_gid}", place
        elif stat.S_IMODE(status.st_mode) & 0o777 & ~mode:
            yield f"{name}: mode {stat.S_IMODE(status.st_mode):04o}", place


def _open_files(system: System, modes: dict[str, int]) -> Iterator[tuple[str, str]]:
    for home in system.get(homes.homes):
        for name, status in home.files:
            path, mode = f"{home.user.home}/{name}", stat.S_IMODE(status.st_mode)
            if status.st_uid != home.user.uid:
                yield f"owner {status.st_uid}", path
            elif status.st_gid != home.user.gid:
                yield f"group {status.st_gid}", path
            elif mode & 0o777 & ~modes.get(name, modes[""]):
                yield f"mode {mode:04o}", path


def _trusting(system: System) -> Iterator[tuple[str, str]]:
    for home in system.get(homes.homes):
        yield from ((name, f"{home.user.home}/{name}") for name, _ in home.files if name in _TRUSTING)
    if system.root.exists(_EQUIVALENT):
        yield _EQUIVALENT, _EQUIVALENT
