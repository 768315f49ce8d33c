"""Judgements about which of several programs for one purpose a host uses: conditions of what asks only for that one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import judged
from agent.checks.sources import choices

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.outcome import Outcome
    from agent.checks.engine.system import System


class Made(NamedTuple):
    """A program that is the one in use, or one of those that might be where that is not settled."""

    kind: str
    name: str

    def judge(self, system: System) -> Outcome:
        """Give the outcome."""
        found = system.get(choices.made, self.kind)
        names = " or ".join(found.names)
        return judged(
            self.name in found.names, f"{self.name} is the {choices.KINDS[self.kind].what}", names, found.where
        )


def made(kind: str, name: str) -> Rule:
    """Hold where a program is the one in use for a purpose."""
    return Made(kind, name)
