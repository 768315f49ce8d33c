"""A check: one typed value, written once, that benchmarks refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, Union

from agent.checks.engine.judging import where_it_applies

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from agent.checks.engine.outcome import Outcome
    from agent.checks.engine.system import System

Value = Union[str, int, bool, "tuple[str, ...]"]
"""What a parameter may be."""


class Rule(Protocol):
    """A judgement about a system: what predicates make.

    OSError, LimitReached and ValueError become the verdict error; a file that is not there is no error but a finding.
    """

    def judge(self, system: System) -> Outcome:
        """Give the verdict and its evidence."""
        ...


class Check(NamedTuple):
    """One thing that is examined.

    id: Name that never changes: ssh_max_auth_tries.
    title: What is wanted, in one line, without a full stop; {most} stands for the value of the parameter most.
    why: What goes wrong without it, in our own words.
    fix: What to do, in our own words; with parameters as in the title.
    rule: Makes the rule from the parameters.
    parameters: Names and defaults of what tailoring and benchmarks may change.
    applies: Rule that has to pass, or the check is not applicable.
    """

    id: str
    title: str
    why: str
    fix: str
    rule: Callable[..., Rule]
    parameters: Mapping[str, Value] = {}
    applies: Rule | None = None

    def judge(self, system: System, changed: Mapping[str, Value] = {}) -> Outcome:
        """Give the outcome for a system, with parameters that differ from the defaults."""
        return where_it_applies(self.applies, self.rule(**{**self.parameters, **changed}), system)

    def told(self, text: str, changed: Mapping[str, Value] = {}) -> str:
        """Give the title or the fix with the parameters put in."""
        if not self.parameters:
            return text
        return text.format(**{name: written(value) for name, value in {**self.parameters, **changed}.items()})


def written(value: Value) -> str:
    """Write a parameter for people."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " or ".join(value) if isinstance(value, tuple) else str(value)
