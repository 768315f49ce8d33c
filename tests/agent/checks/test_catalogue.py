"""The checks as a whole: each is tested both ways, and every table names checks and conditions that there are."""

from __future__ import annotations

from collections import defaultdict
from importlib import import_module
from pathlib import Path

import pytest

from agent.checks.benchmarks.conditions import CHOICES, condition
from agent.checks.engine.catalogue import checks
from agent.checks.engine.published import BENCHMARKS
from agent.checks.sources.choices import KINDS
from agent.model.keys import BENCHMARKS as SETTING
from agent.model.verdicts import RESULTS

CHECKS = checks()
ROWS = [
    (benchmark.name, row)
    for benchmark in BENCHMARKS.values()
    if not benchmark.is_derived
    for row in benchmark.recommendations()
]


BY_OTHER_ROWS = {"authselect_profile"}
"""Checks whose rows do not begin with their ids."""


def verdicts_by_check() -> dict[str, set[str]]:
    """Give the verdicts that the rows of the tests beside this one want of each check."""
    found = defaultdict(set)
    for path in Path(__file__).parent.glob("test_*.py"):
        for rows in vars(import_module(f"tests.agent.checks.{path.stem}")).values():
            for row in rows if isinstance(rows, (list, tuple)) else ():
                if isinstance(row, tuple) and row and isinstance(row[0], str) and row[0] in CHECKS:
                    found[row[0]] |= {each for each in row if isinstance(each, str) and each in RESULTS}
    return found


def test_every_check_has_a_root_that_passes_and_one_that_fails_or_is_for_a_person_to_judge() -> None:
    wanted = verdicts_by_check()
    assert [
        name
        for name in CHECKS.keys() - BY_OTHER_ROWS
        if not ({"pass", "fail"} <= wanted[name] or "manual" in wanted[name])
    ] == []


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_a_check_explains_itself(check) -> None:
    assert check.id.islower()
    assert check.id.isidentifier()
    assert check.told(check.title)
    assert not check.told(check.title).endswith(".")
    assert check.why.endswith(".")
    assert check.told(check.fix).endswith(".")
    assert callable(check.rule(**check.parameters).judge)


@pytest.mark.parametrize(("benchmark", "row"), ROWS, ids=[f"{name}-{row.section}" for name, row in ROWS])
def test_a_recommendation_names_a_check_with_parameters_and_a_condition_that_there_are(benchmark, row) -> None:
    assert set(row.levels) <= {"server", "workstation"}
    assert set(row.levels.values()) <= {1, 2}
    if row.check:
        assert set(row.parameters) <= set(CHECKS[row.check].parameters)
    if row.applies_when:
        assert condition(row.applies_when)


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_has_each_section_once(name: str) -> None:
    sections = [row.section for row in BENCHMARKS[name].recommendations()]
    assert len(sections) == len(set(sections)) > (200 if BENCHMARKS[name].systems else 20)


@pytest.mark.parametrize("name", [name for name, benchmark in BENCHMARKS.items() if not benchmark.is_derived])
def test_every_automated_recommendation_has_a_check(name: str) -> None:
    lacking = [row.section for row in BENCHMARKS[name].recommendations() if row.automated and not row.check]
    assert lacking == []


def test_the_setting_knows_every_benchmark() -> None:
    assert ("auto", *BENCHMARKS) == SETTING


def test_what_can_be_chosen_is_what_is_looked_for() -> None:
    assert {kind: {*KINDS[kind].programs, *filter(None, [KINDS[kind].usual])} for kind in KINDS} == {
        kind: set(names) for kind, names in CHOICES.items()
    }
