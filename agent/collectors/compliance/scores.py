"""How far a benchmark is met: results counted for each level."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from agent.checks.engine.outcome import ERROR, FAIL, MANUAL, NOT_APPLICABLE, PASS, SKIPPED, WAIVED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agent.checks.engine.assessment import Asked, Result
    from agent.checks.engine.release import Release
    from agent.model.records import BenchmarkScore


class Scores:
    """Counts of the results of one assessment, for every level up to the one that was asked for.

    A level holds the results of those below it.
    """

    def __init__(self, asked: Asked, found: Release, runs: bool) -> None:
        self._asked = asked
        self._found = found
        self._runs = runs
        self._counts: dict[int, Counter[str]] = {level: Counter() for level in range(1, asked.level + 1)}

    def count(self, result: Result) -> None:
        """Count a result."""
        for level, counts in self._counts.items():
            if result.level <= level:
                counts[result.outcome.verdict] += 1

    def records(self, unjudged: Callable[[int], int]) -> Iterator[BenchmarkScore]:
        """Give a score for each level.

        unjudged: Gives how many sections up to a level have no check.
        """
        for level, counts in self._counts.items():
            yield self._record(level, counts, unjudged(level))

    def _record(self, level: int, counts: Counter[str], unjudged: int) -> BenchmarkScore:
        from agent.model.records import BenchmarkScore  # noqa: PLC0415 - loaded with the first result

        benchmark, found = self._asked.benchmark, self._found
        return BenchmarkScore(
            benchmark=benchmark.name,
            version=benchmark.version,
            profile=self._asked.profile,
            level=level,
            written_for=benchmark.written_for,
            applied_to=f"{found.id} {found.version}".strip() or None,
            matches=benchmark.suits(found) if found.id else None,
            running=self._runs,
            passed=counts[PASS],
            failed=counts[FAIL],
            waived=counts[WAIVED],
            errors=counts[ERROR],
            manual=counts[MANUAL],
            not_applicable=counts[NOT_APPLICABLE],
            skipped=counts[SKIPPED],
            unjudged=unjudged,
            score=_score(counts),
        )


def _score(counts: Counter[str]) -> int | None:
    """Give the part of what passed in what could pass, rounded down; errors and waived failures count against it."""
    all_of_them = counts[PASS] + counts[FAIL] + counts[WAIVED] + counts[ERROR]
    return 100 * counts[PASS] // all_of_them if all_of_them else None
