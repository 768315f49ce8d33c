"""Files that are read at offsets, below a root and within a limit."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from agent.host.errors import LimitReached, NotAFile
from agent.host.root import HostRoot

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> HostRoot:
    (tmp_path / "file").write_bytes(bytes(range(100)))
    return HostRoot(str(tmp_path))


def test_parts_are_read_in_any_order(root: HostRoot) -> None:
    with root.blocks("/file") as blocks:
        assert blocks.size == 100
        assert blocks.read_at(90, 5) == bytes(range(90, 95))
        assert blocks.read_at(10, 5) == bytes(range(10, 15))
        assert blocks.read_at(95, 50) == bytes(range(95, 100))
        assert blocks.read_at(1000, 5) == b""


def test_more_than_the_limit_in_all_is_not_read(root: HostRoot) -> None:
    with root.blocks("/file", limit=150) as blocks:
        blocks.read_at(0, 100)
        blocks.read_at(0, 50)
        with pytest.raises(LimitReached, match="/file"):
            blocks.read_at(0, 1)


def test_a_fifo_is_not_opened(root: HostRoot, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(NotAFile):
        root.blocks("/fifo")


def test_a_file_is_closed_in_the_end(root: HostRoot) -> None:
    before = os.listdir("/proc/self/fd")
    with root.blocks("/file"):
        assert len(os.listdir("/proc/self/fd")) == len(before) + 1
    assert os.listdir("/proc/self/fd") == before
