from __future__ import annotations

import os
from typing import TYPE_CHECKING

from agent.host.listing import Wanted, sort_out
from tests.hosts.trees import plant

if TYPE_CHECKING:
    from pathlib import Path

PROGRAMS = Wanted(frozenset(), (), True)


def test_a_file_that_vanishes_before_it_is_looked_at_is_passed_over(tmp_path: Path) -> None:
    plant(tmp_path, {"a": b"", "b": b"x"})
    for name in ("a", "b"):
        (tmp_path / name).chmod(0o755)
    with os.scandir(tmp_path) as entries:
        listed = list(entries)
    (tmp_path / "a").unlink()
    found = sort_out(iter(listed), PROGRAMS)
    assert (found.met, [name for name, _, _ in found.files]) == (2, ["b"])


def test_what_nobody_wants_is_not_even_looked_at(tmp_path: Path) -> None:
    plant(tmp_path, {"a": b""})
    with os.scandir(tmp_path) as entries:
        listed = list(entries)
    (tmp_path / "a").unlink()
    assert sort_out(iter(listed), Wanted(frozenset(["b"]), (".c",), False)) == (1, [], [])


def test_directories_come_last_first(tmp_path: Path) -> None:
    for name in ("b", "a", "c"):
        (tmp_path / name).mkdir()
    with os.scandir(tmp_path) as entries:
        assert sort_out(entries, PROGRAMS).directories == ["c", "b", "a"]
