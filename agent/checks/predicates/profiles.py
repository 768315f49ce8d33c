"""Judgements about start-up files of shells: masks of new files, and the time after which an idle shell ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import FAIL, PASS, Outcome, judged
from agent.checks.sources import profiles
from agent.formats import shell_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System


class Masked(NamedTuple):
    """Files that set no mask but one that refuses at least some bits.

    paths: Gives the files.
    needed: Whether one of them has to set it.
    """

    paths: Callable[[System], list[str]]
    mask: int
    needed: bool

    def judge(self, system: System) -> Outcome:
        """Give the outcome with the masks that refuse too little."""
        paths = self.paths(system)
        expected = f"umask {self.mask:03o} or stricter in {', '.join(paths) or 'start-up files'}"
        said = [
            (text, f"{path}:{number}", value)
            for path in paths
            for text, number, value in shell_text.umasks(system.get(profiles.commands, path))
        ]
        weak = [each for each in said if each[2] is None or each[2] & self.mask != self.mask]
        if not said:
            return Outcome(FAIL if self.needed else PASS, expected, "not set", tuple(paths[:4]))
        shown = weak or said
        return judged(not weak, expected, shown[0][0], tuple(where for _, where, _ in shown[:8]))


class EndsIdle(NamedTuple):
    """TMOUT of shells: in a range, readonly and exported, and nowhere outside of the range."""

    most: int

    def judge(self, system: System) -> Outcome:
        """Give the outcome."""
        expected = f"TMOUT between 1 and {self.most}, readonly and exported"
        paths = profiles.of_all(system, (*profiles.BASHRC, *profiles.PROFILE))
        found = {path: shell_text.variable(system.get(profiles.commands, path), "TMOUT") for path in paths}
        values = [(value, f"{path}:{line}") for path, each in found.items() for value, line in each.values]
        wrong = [each for each in values if not (each[0].isdigit() and 0 < int(each[0]) <= self.most)]
        if wrong or not values:
            shown = wrong[0][0] if wrong else "not set"
            return Outcome(FAIL, expected, shown, tuple(where for _, where in wrong[:8]) or tuple(paths[:4]))
        lacking = [] if any(each.readonly for each in found.values()) else ["not readonly"]
        lacking += [] if any(each.exported for each in found.values()) else ["not exported"]
        told = ", ".join((values[0][0], *lacking))
        return judged(not lacking, expected, told, tuple(where for _, where in values[:8]))


def masked(patterns: tuple[str, ...], mask: str) -> Rule:
    """Hold where files of everybody set a mask, an octal one or a stricter one alone."""
    return Masked(lambda system: profiles.of_all(system, patterns), int(mask, 8), True)


def masked_for_root(mask: str) -> Rule:
    """Hold where root's own files set no mask that is weaker."""
    return Masked(profiles.of_root, int(mask, 8), False)


def ends_idle(most: int) -> Rule:
    """Hold where idle shells end after some seconds."""
    return EndsIdle(most)
