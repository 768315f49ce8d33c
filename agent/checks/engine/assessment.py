"""A benchmark applied to a system: one result for each of its sections, and what became of it under a site's tailoring."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from agent.checks.benchmarks.conditions import condition
from agent.checks.engine import vocabulary
from agent.checks.engine.check import Check
from agent.checks.engine.judging import where_it_applies
from agent.checks.engine.outcome import FAIL, SKIPPED, WAIVED, Outcome
from agent.model.tailoring import NONE, Custom, Tailoring, Waiver

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from agent.checks.engine.benchmark import Recommendation
    from agent.checks.engine.check import Value
    from agent.checks.engine.published import Benchmark
    from agent.checks.engine.system import System

T = TypeVar("T")
CUSTOM = "custom"
"""Section of a check of the site's own."""


class Asked(NamedTuple):
    """What is asked for.

    benchmark: The benchmark.
    profile: server or workstation.
    level: 1 or 2; 2 holds all of level 1.
    today: Date in UTC, YYYY-MM-DD, on which waivers have expired or not.
    tailoring: What the site changes.
    """

    benchmark: Benchmark
    profile: str
    level: int
    today: str
    tailoring: Tailoring = NONE


class Result(NamedTuple):
    """The result of one section.

    section: Its number, or custom.
    level: Level at which the profile asks for it.
    check: The check.
    title: Its title with the parameters that hold.
    outcome: Verdict and evidence, after tailoring.
    waiver: What tailoring says to it, in one line; None where it says nothing.
    recommendation: Its row of the benchmark; None for a check of the site's own.
    """

    section: str
    level: int
    check: Check
    title: str
    outcome: Outcome
    waiver: str | None
    recommendation: Recommendation | None


def results(system: System, asked: Asked, checks: Mapping[str, Check]) -> Iterator[Result]:
    """Judge every section that the profile asks for up to the level, and then the site's own checks."""
    for recommendation in asked.benchmark.recommendations():
        level = recommendation.levels.get(asked.profile)
        if level is not None and level <= asked.level and recommendation.check:
            yield _result(system, asked, recommendation, level, checks[recommendation.check])
    for custom in asked.tailoring.custom:
        if custom.level <= asked.level:
            check = made(custom)
            yield _tailored(CUSTOM, custom.level, check, {}, asked, check.judge(system), None)


def unjudged(asked: Asked) -> int:
    """Give how many automated sections of profile and level this version has no check for."""
    rows = asked.benchmark.recommendations()
    return sum(
        row.automated and not row.check and row.levels.get(asked.profile, asked.level + 1) <= asked.level
        for row in rows
    )


def made(custom: Custom) -> Check:
    """Make a check of what a site wrote; ValueError where its rule has words that there are not."""
    return Check(custom.id, custom.title, custom.why, custom.fix, lambda: vocabulary.rule(custom.rule))


def _result(system: System, asked: Asked, row: Recommendation, level: int, check: Check) -> Result:
    changed = {**row.parameters, **asked.tailoring.parameters.get(check.id, {})}
    if _of(asked.tailoring.skipped, row.section, check.id) is not None:
        outcome = Outcome(SKIPPED, check.told(check.title, changed), "not looked at")
    else:
        applies = condition(row.applies_when) if row.applies_when else None
        outcome = where_it_applies(applies, _Judged(check, changed), system)
    return _tailored(row.section, level, check, changed, asked, outcome, row)


class _Judged(NamedTuple):
    """A check as a rule."""

    check: Check
    changed: Mapping[str, Value]

    def judge(self, system: System) -> Outcome:
        return self.check.judge(system, self.changed)


def _tailored(
    section: str,
    level: int,
    check: Check,
    changed: Mapping[str, Value],
    asked: Asked,
    outcome: Outcome,
    row: Recommendation | None,
) -> Result:
    skipped = _of(asked.tailoring.skipped, section, check.id)
    waiver = _of(asked.tailoring.waived, section, check.id)
    told = None if skipped is None else f"skipped: {skipped}"
    if waiver and outcome.verdict == FAIL:
        outcome, told = _waived(outcome, waiver, asked.today)
    return Result(section, level, check, check.told(check.title, changed), outcome, told, row)


def _waived(outcome: Outcome, waiver: Waiver, today: str) -> tuple[Outcome, str]:
    """Waive a failure, unless the waiver has expired: then it counts no more, and says so."""
    told = f"{waiver.reason} ({waiver.owner})"
    if today > waiver.expires:
        return outcome, f"expired on {waiver.expires}: {told}"
    return outcome._replace(verdict=WAIVED), f"until {waiver.expires}: {told}"


def _of(named: Mapping[str, T], section: str, check: str) -> T | None:
    return named.get(section, named.get(check))
