"""Judgements of the form: nothing of a kind is wrong; what is wrong is listed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import Outcome, judged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System

TOLD = 8
"""Of what is wrong, so many are named; of the rest the number is told."""


class NoneWrong(NamedTuple):
    """Holds where nothing wrong is found.

    find: Gives what is wrong, a name each, with where it was seen.
    """

    expected: str
    find: Callable[[System], Iterable[tuple[str, str]]]

    def judge(self, system: System) -> Outcome:
        """Give the outcome with the first of what is wrong."""
        wrong = list(self.find(system))
        names = list(dict.fromkeys(name for name, _ in wrong))
        more = f" and {len(names) - TOLD} more" if len(names) > TOLD else ""
        where = tuple(dict.fromkeys(place for _, place in wrong[:TOLD] if place))
        return judged(not wrong, self.expected, f"{', '.join(names[:TOLD])}{more}" if wrong else "none", where)


def none_wrong(expected: str, find: Callable[[System], Iterable[tuple[str, str]]]) -> Rule:
    """Hold where a search finds nothing."""
    return NoneWrong(expected, find)
