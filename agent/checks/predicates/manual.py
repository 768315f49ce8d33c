"""What only a person can judge."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import MANUAL, Outcome

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System


class Review(NamedTuple):
    """Something to be looked at, with where to look."""

    what: str
    where: tuple[str, ...]

    def judge(self, system: System) -> Outcome:
        """Give the places that exist."""
        there = [path for pattern in self.where for path in system.root.glob(pattern)]
        return Outcome(
            MANUAL, self.what, f"{len(there)} files to look at" if self.where else "not looked at", tuple(there[:8])
        )


def review(what: str, where: tuple[str, ...] = ()) -> Rule:
    """Leave to a person whether something is as wanted; where: patterns of the files that tell."""
    return Review(what, where)
