from __future__ import annotations

from typing import TYPE_CHECKING

from agent.inventory import unowned
from agent.inventory.executables import Program
from agent.inventory.unowned import Unowned

if TYPE_CHECKING:
    import pytest


def left(paths: tuple[str, ...], *claims: tuple[str, ...]) -> list[str]:
    programs = Unowned()
    programs.add(Program(path, 1, "elf") for path in paths)
    for claim in claims:
        programs.claim(claim)
    return [program.path for program in programs.programs()]


def test_a_claimed_file_belongs_to_its_package() -> None:
    assert left(("/bin/a", "/bin/b"), ("/bin/a", "/bin/c")) == ["/bin/b"]


def test_all_below_a_claimed_directory_belongs_to_its_package() -> None:
    assert left(("/lib/a/b/c", "/lib/a", "/lib/ab/c"), ("/lib/a/",)) == ["/lib/a", "/lib/ab/c"]


def test_a_file_is_no_claim_to_what_would_be_below_it() -> None:
    assert left(("/lib/a/b",), ("/lib/a",)) == ["/lib/a/b"]


def test_nothing_claims_everything_by_accident() -> None:
    assert left(("/a",), ("",), ("a",)) == ["/a"]


def test_more_programs_than_are_remembered_are_a_gap_that_hides_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unowned, "_PROGRAMS", 2)
    programs = Unowned()
    programs.add(Program(f"/{number}", 1, "elf") for number in range(5))
    assert len(programs.programs()) == 2
    assert [(gap.reason, gap.hides) for gap in programs.limits()] == [("limit", "/")]


def test_more_claims_than_are_remembered_are_a_gap_that_hides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unowned, "_CLAIMS", 2)
    programs = Unowned()
    for number in range(5):
        programs.claim((f"/{number}",))
    assert [(gap.reason, gap.hides) for gap in programs.limits()] == [("limit", None)]
