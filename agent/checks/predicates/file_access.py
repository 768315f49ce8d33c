"""Judgements about who may do what with files: their owners, their groups, the mode that each group allows, and the way to them."""

from __future__ import annotations

import stat
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import FAIL, NOT_APPLICABLE, PASS, Outcome, judged
from agent.checks.sources import accounts

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable

    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System

ANY = "7777"
"""A mode that allows everything."""
TOLD = 8
"""Files that are named as evidence; of the rest the number is told."""


class Files(NamedTuple):
    """Files that belong to one of some users and groups, with no more than a mode, and that not everybody can replace.

    For who can write to a directory above a file can put another in its place, unless the directory is sticky (unlink(2)).

    paths: Gives the files; links are followed, and what is absent, or neither file, directory nor socket, is passed over.
    what: What they are, for people.
    owners: Names of users; root is known by its number.
    modes: Octal mode by name of group; a file of another group is wrong. An empty name stands for any group.
    absent: Verdict where there is none.
    """

    paths: Callable[[System], Iterable[str]]
    what: str
    owners: tuple[str, ...]
    modes: tuple[tuple[str, str], ...]
    absent: str = NOT_APPLICABLE

    def judge(self, system: System) -> Outcome:
        """Give the outcome with owner, group and mode of the first file that is wrong."""
        expected = f"{self.what}: {self._wanted()}"
        seen = [(path, status) for path in self.paths(system) if (status := _status(system, path)) is not None]
        if not seen:
            return Outcome(self.absent, expected, "absent")
        wrong = [(path, status) for path, status in seen if not self._holds(system, path, status)]
        shown = tuple(path for path, _ in (wrong or seen)[:TOLD])
        more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        first, status = (wrong or seen)[0]
        above = "".join(f", below {folder}, which everybody can write" for folder in _open_above(system, first)[:1])
        return judged(not wrong, expected, f"{_described(status)}{above}{more}", shown)

    def _wanted(self) -> str:
        groups = " or ".join(
            " ".join((*([f"group {group}"] if group else ()), *([f"mode {mode} or less"] if mode != ANY else ())))
            for group, mode in self.modes
        )
        owners = f"owner {' or '.join(self.owners)}" if self.owners else ""
        return ", ".join(filter(None, (owners, groups)))

    def _holds(self, system: System, path: str, status: os.stat_result) -> bool:
        if _open_above(system, path):
            return False
        if self.owners and status.st_uid not in system.get(accounts.ids, self.owners):
            return False
        allowed = [
            int(mode, 8)
            for group, mode in self.modes
            if not group or status.st_gid in system.get(accounts.group_ids, (group,))
        ]
        return any(not stat.S_IMODE(status.st_mode) & ~mode for mode in allowed)


def files(
    patterns: tuple[str, ...],
    modes: tuple[tuple[str, str], ...],
    owners: tuple[str, ...] = ("root",),
    needed: bool = False,
) -> Rule:
    """Hold for all files that patterns give; pairs of a group and the mode that its files may have."""
    verdict = FAIL if needed else NOT_APPLICABLE
    return Files(partial(_matching, patterns=patterns), ", ".join(patterns), owners, modes, verdict)


def at_most(path: str, mode: str, needed: bool = False, groups: tuple[str, ...] = ("root",)) -> Rule:
    """Hold for one file of root and one of some groups, with no bit beyond an octal mode, as 0644; where nothing is nobody has access."""
    modes = tuple((group, mode) for group in groups)
    return Files(lambda _: (path,), path, ("root",), modes, FAIL if needed else PASS)


def of_root(path: str, mode: str) -> Rule:
    """Hold for a file of root and its group."""
    return files((path,), (("root", mode),))


def given(
    paths: Callable[[System], Iterable[str]],
    what: str,
    modes: tuple[tuple[str, str], ...],
    owners: tuple[str, ...] = ("root",),
) -> Rule:
    """Hold for all files that a source gives."""
    return Files(paths, what, owners, modes)


def _matching(system: System, patterns: tuple[str, ...]) -> Iterable[str]:
    return dict.fromkeys(path for pattern in patterns for path in system.root.glob(pattern))


def _open_above(system: System, path: str) -> list[str]:
    """Give the directories above a path that everybody can write to and that are not sticky, the lowest first."""
    found = []
    while path := path.rpartition("/")[0]:
        if system.get(_is_open, path):
            found.append(path)
    return found


def _is_open(system: System, folder: str) -> bool:
    mode = system.root.stat(folder).st_mode
    return bool(mode & stat.S_IWOTH) and not mode & stat.S_ISVTX


def _status(system: System, path: str) -> os.stat_result | None:
    try:
        status = system.root.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    kind = stat.S_IFMT(status.st_mode)
    return status if kind in (stat.S_IFREG, stat.S_IFDIR, stat.S_IFSOCK) else None


def _described(status: os.stat_result) -> str:
    return f"owner {status.st_uid}, group {status.st_gid}, mode {stat.S_IMODE(status.st_mode):04o}"
