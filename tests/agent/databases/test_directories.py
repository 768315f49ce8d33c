from __future__ import annotations

from typing import TYPE_CHECKING

from agent.databases import Shipped, directories
from agent.databases.directories import Directories

if TYPE_CHECKING:
    import pytest


def shipped(*given: tuple[str, str]) -> list[Shipped]:
    found = Directories()
    for path, owner in given:
        found.add(path, owner)
    return list(found.shipped())


def test_a_directory_is_shipped_by_the_one_package_that_lists_it_however_often() -> None:
    assert shipped(("/a", "x"), ("/a", "x")) == [Shipped("/a", "x", None, False)]


def test_a_directory_of_several_packages_is_shipped_by_none() -> None:
    assert shipped(("/a", "x"), ("/a", "y"), ("/a", "x")) == []


def test_directories_beyond_what_is_kept_are_nobodys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directories, "_MANY", 1)
    assert shipped(("/a", "x"), ("/b", "x"), ("/a", "y")) == []
