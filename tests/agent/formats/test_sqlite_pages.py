"""The log is laid over the pages of the file, and what is no SQLite database is told as such."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from agent.formats.read_at import of
from agent.formats.rpmdb import Damaged
from agent.formats.sqlite_pages import Pages

if TYPE_CHECKING:
    from pathlib import Path


def parts(folder: Path, change: str = "insert into t values (2)", size: int = 4096) -> tuple[bytes, bytes, bytes]:
    """Give a database and its log, as they are after a change that is in the log alone, and the database after it."""
    with closing(sqlite3.connect(folder / "db", isolation_level=None)) as connection:
        connection.execute(f"pragma page_size = {size}")
        connection.execute("pragma journal_mode = wal")
        connection.execute("create table t (a)")
        connection.executemany("insert into t values (zeroblob(?))", [(3000,)] * 30)
        connection.execute("pragma wal_checkpoint(truncate)")
        connection.execute("pragma wal_autocheckpoint = 0")
        connection.execute(change)
        before = (folder / "db").read_bytes(), (folder / "db-wal").read_bytes()
        connection.execute("pragma wal_checkpoint(truncate)")
    return (*before, (folder / "db").read_bytes())


@pytest.mark.parametrize(
    "change", ["insert into t values (2)", "create table u (b)", "update t set a = zeroblob(9000)"]
)
@pytest.mark.parametrize("size", [512, 4096, 65536])
def test_pages_are_those_of_the_file_with_the_log_over_them(tmp_path: Path, change: str, size: int) -> None:
    database, log, after = parts(tmp_path, change, size)
    pages = Pages(of(database), len(database), of(log), len(log))
    numbers = range(1, len(after) // size + 1)
    assert [pages.page(number) for number in numbers] == [after[(n - 1) * size : n * size] for n in numbers]
    assert pages.count >= len(numbers)
    for number in numbers:
        run = pages.run(number, 7)
        assert len(run) % size == 0
        assert run == after[(number - 1) * size : (number - 1) * size + len(run)]


def test_without_a_log_many_pages_are_read_at_once(tmp_path: Path) -> None:
    *_, database = parts(tmp_path)
    pages = Pages(of(database), len(database), of(b""), 0)
    assert pages.run(2, 5) == database[4096 : 6 * 4096]


@pytest.mark.parametrize("number", [0, 100_000])
def test_a_page_that_is_not_there_is_damage(tmp_path: Path, number: int) -> None:
    database, *_ = parts(tmp_path)
    with pytest.raises(Damaged):
        Pages(of(database), len(database), of(b""), 0).page(number)


@pytest.mark.parametrize(
    ("place", "written"), [(0, b"X"), (16, b"\x0f\xff"), (16, b"\0\2"), (20, b"\xff\xff"), (56, b"\0\0\0\2")]
)
def test_what_is_no_database_of_utf_8_is_damage(tmp_path: Path, place: int, written: bytes) -> None:
    database, *_ = parts(tmp_path, size=512)
    changed = database[:place] + written + database[place + len(written) :]
    with pytest.raises(Damaged):
        Pages(of(changed), len(changed), of(b""), 0)


def test_less_than_a_header_is_damage() -> None:
    with pytest.raises(Damaged):
        Pages(of(b"SQLite format 3\0"), 16, of(b""), 0)
