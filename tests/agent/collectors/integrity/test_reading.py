"""agent/collectors/integrity/reading.py: digests of whole files, which somebody may write to meanwhile."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest

from agent.collectors.integrity.reading import FILE_LIMIT, Reader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIZE = 3 * 256 * 1024 + 17
"""Bytes of a file of several blocks."""


class Writer(Reader):
    """Reads, and after the first block of each of so many readings writes to the file."""

    def __init__(self, path: Path, readings: int) -> None:
        super().__init__()
        self.path = path
        self.left = readings
        self.readings = 0

    def _block(self, fd: int, offset: int) -> tuple[int, bool]:
        found = super()._block(fd, offset)
        if offset == 0:
            self.readings += 1
            if self.left > 0:
                self.left -= 1
                with open(self.path, "ab") as file:
                    file.write(b"more")
        return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(os.urandom(SIZE))
    os.utime(path, (1, 1))
    return path


@pytest.fixture
def fd(path: Path) -> Iterator[int]:
    fd = os.open(path, os.O_RDONLY)
    yield fd
    os.close(fd)


def test_a_file_has_the_digests_that_are_asked_for(path: Path, fd: int) -> None:
    content = Reader().read(fd, ("md5",))
    whole = path.read_bytes()
    assert content.digests == {"sha256": hashlib.sha256(whole).hexdigest(), "md5": hashlib.md5(whole).hexdigest()}
    assert (content.unread, content.size) == (None, SIZE)


def test_a_file_that_changes_while_it_is_read_is_read_once_more(path: Path, fd: int) -> None:
    writer = Writer(path, readings=1)
    content = writer.read(fd, ())
    assert writer.readings == 2
    assert content.digests == {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    assert content.status is not None
    assert content.status.st_size == SIZE + 4


def test_a_file_that_changes_again_is_said_to_be_changing_and_has_no_digest(path: Path, fd: int) -> None:
    writer = Writer(path, readings=9)
    content = writer.read(fd, ("md5",))
    assert (writer.readings, content.unread, content.digests) == (2, "changing", {})


def test_a_file_that_grows_without_end_is_read_to_where_it_ended(path: Path, fd: int) -> None:
    class Growing(Writer):
        def _block(self, fd: int, offset: int) -> tuple[int, bool]:
            with open(self.path, "ab") as file:
                file.write(bytes(1024 * 1024))
            return Reader._block(self, fd, offset)

    content = Growing(path, 0).read(fd, ())
    assert content.unread == "changing"
    assert content.size < SIZE + 30 * 1024 * 1024


def test_a_sparse_file_of_a_hundred_gigabytes_is_not_read_and_says_so(path: Path, fd: int) -> None:
    os.truncate(path, 100 * 1024**3)
    content = Reader().read(fd, ())
    assert (content.unread, content.size, content.digests) == ("too_large", 0, {})
    assert FILE_LIMIT < 100 * 1024**3


def test_a_file_that_shrinks_while_it_is_read_is_read_once_more(path: Path, fd: int) -> None:
    class Shrinking(Writer):
        def _block(self, fd: int, offset: int) -> tuple[int, bool]:
            found = super()._block(fd, offset)
            if self.readings == 1:
                os.truncate(self.path, 5)
            return found

    assert Shrinking(path, 0).read(fd, ()).digests == {"sha256": hashlib.sha256(path.read_bytes()[:5]).hexdigest()}


def test_a_small_file_in_the_page_cache_is_read_at_once(path: Path, fd: int) -> None:
    path.write_bytes(b"small")
    content = Reader().read_cached(fd, os.fstat(fd), ("md5",))
    assert content is not None
    assert content.digests["sha256"] == hashlib.sha256(b"small").hexdigest()


def test_a_small_file_that_is_another_than_when_it_was_met_is_not(path: Path, fd: int) -> None:
    before = os.fstat(fd)
    path.write_bytes(b"other")
    assert Reader().read_cached(fd, before, ()) is None
