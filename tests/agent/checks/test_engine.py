"""What checks are made of: outcomes joined, errors kept apart from failures, tables read, controls mapped."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from agent.checks.engine.benchmark import COLUMNS, is_part_of, recommendations
from agent.checks.engine.check import Check
from agent.checks.engine.judging import safely
from agent.checks.engine.mappings import soc_2
from agent.checks.engine.outcome import Outcome
from agent.checks.engine.system import System
from agent.checks.predicates.combine import Not, When, all_of, any_of
from agent.host import open_host
from agent.host.errors import LimitReached, NotAFile

if TYPE_CHECKING:
    from pathlib import Path

PASS, FAIL, ERROR, NONE, MANUAL = "pass", "fail", "error", "not applicable", "manual"


class Says(NamedTuple):
    verdict: str

    def judge(self, system: System) -> Outcome:
        return Outcome(self.verdict, f"not {self.verdict}", self.verdict, (self.verdict,), (self.verdict,))


class Raises(NamedTuple):
    error: BaseException

    def judge(self, system: System) -> Outcome:
        raise self.error


@pytest.fixture
def system(tmp_path: Path) -> System:
    return System(open_host(str(tmp_path)))


@pytest.mark.parametrize(
    ("verdicts", "every", "one"),
    [
        ((PASS, PASS), PASS, PASS),
        ((PASS, FAIL), FAIL, PASS),
        ((ERROR, FAIL), FAIL, ERROR),  # one may have held, but all cannot
        ((ERROR, PASS), ERROR, PASS),
        ((NONE, PASS), PASS, PASS),
        ((NONE, FAIL), FAIL, FAIL),
        ((NONE, NONE), NONE, NONE),
        ((MANUAL, PASS), MANUAL, PASS),
        ((MANUAL, FAIL), FAIL, MANUAL),
    ],
)
def test_rules_are_joined(system: System, verdicts: tuple[str, ...], every: str, one: str) -> None:
    rules = tuple(map(Says, verdicts))
    assert all_of(*rules).judge(system).verdict == every
    assert any_of(*rules).judge(system).verdict == one


def test_the_evidence_is_that_of_the_rules_that_decide(system: System) -> None:
    found = all_of(Says(PASS), Says(FAIL)).judge(system)
    assert (found.expected, found.found, found.where) == ("not fail", "fail", ("fail",))
    assert found.unobserved == ("pass", "fail")


def test_a_rule_that_cannot_be_judged_does_not_hide_another_that_fails(system: System) -> None:
    assert all_of(Raises(PermissionError(13, "x", "/etc/x")), Says(FAIL)).judge(system).verdict == FAIL


@pytest.mark.parametrize(("verdict", "opposite"), [(PASS, FAIL), (FAIL, PASS), (ERROR, ERROR), (NONE, NONE)])
def test_an_opposite_keeps_errors(system: System, verdict: str, opposite: str) -> None:
    assert Not(Says(verdict), "x").judge(system).verdict == opposite


@pytest.mark.parametrize(("condition", "verdict"), [(PASS, FAIL), (FAIL, NONE), (ERROR, ERROR), (NONE, NONE)])
def test_a_condition_decides_whether_a_rule_applies(system: System, condition: str, verdict: str) -> None:
    check = Check("x", "x", "x.", "x.", lambda: Says(FAIL), applies=Says(condition))
    assert When(Says(condition), Says(FAIL)).judge(system).verdict == verdict
    assert check.judge(system).verdict == verdict


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (PermissionError(13, "Permission denied", "/etc/x"), "/etc/x: denied"),
        (OSError(40, "Too many links", "/etc/x"), "/etc/x: escapes"),
        (NotAFile("/etc/x is not a regular file; it was not opened"), "not a regular file"),
        (LimitReached("/etc/x: longer than 1 bytes"), "/etc/x: longer than 1 bytes: limit"),
        (ValueError("3 malformed lines"), "3 malformed lines"),
        (KeyError("hunter2"), "KeyError: a defect of stocktake"),
    ],
)
def test_what_cannot_be_judged_is_an_error_that_quotes_nothing(system: System, error: Exception, found: str) -> None:
    outcome = safely(Raises(error), system)
    assert outcome.verdict == ERROR
    assert found in outcome.found
    assert "hunter2" not in str(outcome)


def test_what_ends_the_worker_ends_it(system: System) -> None:
    with pytest.raises(KeyboardInterrupt):
        safely(Raises(KeyboardInterrupt()), system)


def test_a_source_is_read_once_and_its_error_is_raised_to_everybody(system: System) -> None:
    calls = []

    def source(_: System, name: str) -> str:
        calls.append(name)
        if name == "bad":
            raise ValueError(name)
        return name

    assert [system.get(source, "a"), system.get(source, "a"), system.get(source, "b")] == ["a", "a", "b"]
    for _ in range(2):
        with pytest.raises(ValueError, match="bad"):
            system.get(source, "bad")
    assert calls == ["a", "b", "bad"]


def row(**cells: str) -> str:
    given = {"section": "1.1", "server": "1", "assessment": "automated", "check": "mount_home", **cells}
    return "\t".join(given.get(name, "") for name in COLUMNS)


def test_a_table_is_read() -> None:
    line = row(
        workstation="2", parameters='{"a": ["b", "c"], "d": 1}', applies_when="firewall=ufw", nist_800_53="AC-6(1) SC-7"
    )
    (found,) = recommendations(["# section ...\n", "\n", line])
    assert (found.section, found.levels, found.automated) == ("1.1", {"server": 1, "workstation": 2}, True)
    assert (found.parameters, found.applies_when) == ({"a": ("b", "c"), "d": 1}, "firewall=ufw")
    assert found.supports("AC-6")
    assert found.supports("cc6.6")
    assert not found.supports("AC-61")


def test_a_table_with_a_cell_too_few_is_refused_with_its_line() -> None:
    with pytest.raises(ValueError, match="line 2: expected 9 cells, found 1"):
        list(recommendations([row(), "1.2"]))


@pytest.mark.parametrize(
    ("control", "wanted", "part"),
    [
        ("AC-6", "AC-6", True),
        ("AC-6(1)", "AC-6", True),
        ("2.2.1", "2.2", True),
        ("AC-6", "AC-6(1)", False),
        ("2.22", "2.2", False),
    ],
)
def test_a_part_of_a_control_is_known(control: str, wanted: str, part: bool) -> None:
    assert is_part_of(control, wanted) is part


def test_controls_serve_criteria() -> None:
    assert soc_2(("SC-7", "AC-6(1)")) == ("CC6.3", "CC6.6")
    assert soc_2(("SI-4(5)",)) == ("CC7.2",)
    assert soc_2(("PE-3",)) == ()
