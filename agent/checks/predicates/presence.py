"""Judgements about whether a path is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import FAIL, PASS, Outcome

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System


class Present(NamedTuple):
    """A path that leads to something, or to nothing."""

    path: str
    wanted: bool

    def judge(self, system: System) -> Outcome:
        """Give the outcome."""
        there = system.root.exists(self.path)
        expected = f"{self.path} {'exists' if self.wanted else 'does not exist'}"
        return Outcome(PASS if there == self.wanted else FAIL, expected, "present" if there else "absent", (self.path,))


def exists(path: str) -> Rule:
    """Hold where a path leads to something."""
    return Present(path, True)


def absent(path: str) -> Rule:
    """Hold where a path leads to nothing."""
    return Present(path, False)
