from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest

from agent.host.errors import LimitReached
from agent.host.file_digest import Changing, FileDigests
from agent.host.found import Found
from tests.hosts.trees import plant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[int]:
    fd = os.open(tmp_path, os.O_RDONLY)
    yield fd
    os.close(fd)


class Restless(Found):
    """A file that somebody writes to while it is read, some number of times."""

    def __init__(self, directory: int, write: Callable[[], None], times: int) -> None:
        super().__init__(directory, "/file", 0, True)
        self._write = write
        self._times = times

    def read_into(self, buffer: bytearray, offset: int) -> int:
        if offset == 0 and self._times:
            self._times -= 1
            self._write()
        return super().read_into(buffer, offset)


@pytest.mark.parametrize("size", [0, 1, 256 * 1024, 256 * 1024 + 1, 3_000_000])
@pytest.mark.parametrize("expected", [0, 1 << 40], ids=["own sha256", "openssl"])
def test_a_digest_is_that_of_the_whole_file(tmp_path: Path, directory: int, size: int, expected: int) -> None:
    content = os.urandom(size)
    plant(tmp_path, {"file": content})
    found = Found(directory, "/file", size, True)
    assert FileDigests(expected, 1 << 30).sha256(found) == hashlib.sha256(content).hexdigest()
    found.close()


def test_a_file_that_is_too_long_is_not_read(tmp_path: Path, directory: int) -> None:
    plant(tmp_path, {"file": b"12345"})
    found = Found(directory, "/file", 5, True)
    with pytest.raises(LimitReached):
        FileDigests(0, 4).sha256(found)
    found.close()


def test_a_file_that_changed_once_is_read_again(tmp_path: Path, directory: int) -> None:
    plant(tmp_path, {"file": b"before"})
    found = Restless(directory, lambda: os.truncate(tmp_path / "file", 3), 1)
    assert FileDigests(0, 100).sha256(found) == hashlib.sha256(b"bef").hexdigest()
    found.close()


def test_a_file_that_keeps_changing_has_no_digest(tmp_path: Path, directory: int) -> None:
    plant(tmp_path, {"file": b"before"})

    def grow() -> None:
        with open(tmp_path / "file", "ab") as file:
            file.write(b"x")

    found = Restless(directory, grow, 5)
    with pytest.raises(Changing):
        FileDigests(0, 100).sha256(found)
    found.close()
