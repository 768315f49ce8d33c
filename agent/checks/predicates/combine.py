"""Rules made of rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.checks.engine.judging import safely, where_it_applies
from agent.checks.engine.outcome import ERROR, FAIL, MANUAL, NOT_APPLICABLE, PASS, Outcome

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System


class AllOf:
    """Holds where every rule holds that applies: one failure decides, then an error, then what only a person can judge."""

    def __init__(self, *rules: Rule) -> None:
        self._rules = rules

    def judge(self, system: System) -> Outcome:
        """Give the outcome, with the evidence of the rules that decide."""
        outcomes = [safely(rule, system) for rule in self._rules]
        return _first(outcomes, (FAIL, ERROR, MANUAL, PASS, NOT_APPLICABLE), " and ")


class AnyOf:
    """Holds where one rule holds; where none does, an error counts before failures, for it might have held."""

    def __init__(self, *rules: Rule) -> None:
        self._rules = rules

    def judge(self, system: System) -> Outcome:
        """Give the outcome, with the evidence of the rules that decide."""
        outcomes = [safely(rule, system) for rule in self._rules]
        return _first(outcomes, (PASS, ERROR, MANUAL, FAIL, NOT_APPLICABLE), " or ")


class Not:
    """Holds where a rule fails."""

    def __init__(self, rule: Rule, expected: str) -> None:
        self._rule = rule
        self._expected = expected

    def judge(self, system: System) -> Outcome:
        """Give the opposite verdict; errors stay errors."""
        outcome = self._rule.judge(system)
        opposite = {PASS: FAIL, FAIL: PASS}.get(outcome.verdict, outcome.verdict)
        return outcome._replace(verdict=opposite, expected=self._expected)


class When:
    """A rule that counts only where a condition holds."""

    def __init__(self, condition: Rule, rule: Rule) -> None:
        self._condition = condition
        self._rule = rule

    def judge(self, system: System) -> Outcome:
        """Give the rule's outcome, not applicable where the condition fails."""
        return where_it_applies(self._condition, self._rule, system)


def all_of(*rules: Rule) -> Rule:
    """Give a rule that holds where all of them hold."""
    return AllOf(*rules)


def any_of(*rules: Rule) -> Rule:
    """Give a rule that holds where one of them holds."""
    return AnyOf(*rules)


def _first(outcomes: list[Outcome], order: tuple[str, ...], joint: str) -> Outcome:
    verdict = next(each for each in order if any(outcome.verdict == each for outcome in outcomes))
    deciding = [outcome for outcome in outcomes if outcome.verdict == verdict]
    return Outcome(
        verdict,
        joint.join(dict.fromkeys(outcome.expected for outcome in (outcomes if verdict == PASS else deciding))),
        "; ".join(dict.fromkeys(outcome.found for outcome in deciding)),
        tuple(dict.fromkeys(place for outcome in deciding for place in outcome.where)),
        tuple(dict.fromkeys(each for outcome in outcomes for each in outcome.unobserved)),
    )
