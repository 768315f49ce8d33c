from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.collectors.integrity import runs
from agent.collectors.integrity.runs import Runs
from agent.host.errors import LimitReached

if TYPE_CHECKING:
    from pathlib import Path

LINES = st.lists(st.binary(max_size=60).map(lambda text: text.replace(b"\n", b"") + b"\n"))


def taken(lines: list[bytes], folder: str | None, run_bytes: int | None = None) -> list[bytes]:
    sorter = Runs(folder, run_bytes)
    try:
        for line in lines:
            sorter.add(line)
        return list(sorter.lines())
    finally:
        sorter.close()


@given(LINES, st.integers(1, 500), st.booleans())
def test_lines_come_in_the_order_of_their_bytes(lines: list[bytes], run_bytes: int, on_disk: bool) -> None:
    assert taken(lines, "/tmp" if on_disk else None, run_bytes) == sorted(lines)


@pytest.mark.parametrize("on_disk", [True, False])
def test_many_lines_are_kept_in_many_runs(tmp_path: Path, on_disk: bool) -> None:
    lines = [b'"/usr/lib/%d"\t%d\n' % (number * 7919 % 50_000, number) for number in range(50_000)]
    assert taken(lines, str(tmp_path) if on_disk else None, 256 * 1024) == sorted(lines)
    assert list(tmp_path.iterdir()) == []


def test_a_line_longer_than_what_is_decompressed_at_once_is_whole() -> None:
    lines = [os.urandom(50_000).replace(b"\n", b"") + b"\n" for _ in range(5)]
    assert taken(lines, None, 1) == sorted(lines)


def test_other_ends_of_lines_than_the_newline_are_part_of_them() -> None:
    assert taken([b"a\r\x0b\x1c\x85b\n", b"a\rb\n"], None, 1) == [b"a\r\x0b\x1c\x85b\n", b"a\rb\n"]


@pytest.mark.parametrize("on_disk", [True, False])
def test_too_many_runs_are_a_limit(tmp_path: Path, on_disk: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "_RUNS", 3)
    monkeypatch.setattr(runs, "_COMPRESSED", 300)
    with pytest.raises(LimitReached):
        taken([os.urandom(100).hex().encode() + b"\n"] * 10, str(tmp_path) if on_disk else None, 1)
