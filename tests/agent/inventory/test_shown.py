from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from agent.host.found import Found
from agent.inventory import shown
from agent.inventory.languages import Finding
from agent.inventory.shown import Parsers
from agent.model.records import Gap
from tests.hosts.trees import plant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from agent.inventory.languages import Parser


class Naming:
    """A parser that finds packages of given names in whatever it is shown, and fails at an exception among them."""

    NAMES = frozenset(("METADATA",))
    ENDINGS: tuple[str, ...] = (".jar", ".egg")
    FORMS = frozenset(("zip",))

    def __init__(self, names: Iterable[str | type[Exception]] = ("a",)) -> None:
        self._names = names

    def packages(self, found: Found) -> Iterator[Finding | Gap]:
        for name in self._names:
            if not isinstance(name, str):
                raise name
            yield Finding("pypi", None, name, "1", None, None, found.path)


class Wordless(Naming):
    """A parser that wants nothing but programs."""

    NAMES: frozenset[str] = frozenset()
    ENDINGS = ()
    FORMS = frozenset(("elf", "script"))


def told(root: Path, name: str, form: str, *parsers: Parser) -> list[Finding | Gap]:
    plant(root, {name: b""})
    directory = os.open(root, os.O_RDONLY)
    with closing(Found(directory, f"/{name}", 0, bool(form))) as found:
        outcomes = list(Parsers(parsers, False).packages(found, form))
    os.close(directory)
    return outcomes


@pytest.mark.parametrize(
    ("name", "form", "shown_to"),
    [
        ("METADATA", "", 1),
        ("metadata", "", 0),
        ("a.JAR", "", 1),
        ("a.jar.txt", "", 0),
        ("a.jar", "script", 2),
        ("program", "zip", 1),
        ("program", "elf", 1),
        ("program", "", 0),
    ],
)
def test_a_file_is_shown_to_those_who_want_it(tmp_path: Path, name: str, form: str, shown_to: int) -> None:
    assert len(told(tmp_path, name, form, Naming(), Wordless())) == shown_to


def test_what_all_of_them_want_is_wanted_of_the_walk() -> None:
    assert Parsers([Naming(), Naming()], False).wanted == (frozenset(["METADATA"]), (".jar", ".egg") * 2, True)
    assert Parsers([], False).wanted == (frozenset(), (), False)
    assert Parsers([], True).wanted.executables


def test_more_packages_than_one_file_may_have_are_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "MOST", 2)
    assert len(told(tmp_path, "METADATA", "", Naming("ab"))) == 2
    *_, last = outcomes = told(tmp_path, "METADATA", "", Naming("abc"))
    assert len(outcomes) == 3
    assert isinstance(last, Gap)
    assert (last.reason, last.hides) == ("limit", "/METADATA")


@pytest.mark.parametrize("problem", [MemoryError, RecursionError])
def test_a_file_that_takes_too_much_memory_is_a_gap_and_the_next_parser_goes_on(
    tmp_path: Path, problem: type[Exception]
) -> None:
    first, gap, second = told(tmp_path, "METADATA", "", Naming(("a", problem)), Naming("b"))
    assert [outcome.name for outcome in (first, second) if isinstance(outcome, Finding)] == ["a", "b"]
    assert isinstance(gap, Gap)
    assert (gap.reason, gap.hides) == ("limit", "/METADATA")
