"""What SQLite wrote to its log counts up to the last commit that is whole, and nothing behind it."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.formats.read_at import of
from agent.formats.rpmdb import Damaged
from agent.formats.sqlite_wal import FRAMES_LIMIT, committed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIZE = 4096
FRAME = 24 + SIZE


@contextmanager
def logging(path: Path) -> Iterator[sqlite3.Connection]:
    """Give a connection whose changes stay in the log."""
    with closing(sqlite3.connect(path / "db", isolation_level=None)) as connection:
        connection.execute(f"pragma page_size = {SIZE}")
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma wal_autocheckpoint = 0")
        connection.execute("create table if not exists t (a)")
        yield connection


def log_of(path: Path) -> bytes:
    return (path / "db-wal").read_bytes()


def read(log: bytes, size: int = SIZE) -> dict[int, int]:
    return committed(of(log), len(log), size)


def pages(log: bytes) -> dict[int, bytes]:
    return {number: log[offset : offset + SIZE] for number, offset in read(log).items()}


def test_a_checkpoint_would_write_the_same_pages(tmp_path: Path) -> None:
    with logging(tmp_path) as connection:
        for number in range(30):
            connection.execute("insert into t values (zeroblob(?))", (number * 500,))
        connection.execute("delete from t where length(a) > 9000")
        found = pages(log_of(tmp_path))
        connection.execute("pragma wal_checkpoint(truncate)")
    database = (tmp_path / "db").read_bytes()
    assert len(found) > 10
    assert {number: database[(number - 1) * SIZE : number * SIZE] for number in found} == found


def test_the_pages_of_an_open_transaction_do_not_count(tmp_path: Path) -> None:
    with logging(tmp_path) as connection:
        connection.execute("insert into t values (1)")
        before = read(log_of(tmp_path))
        connection.execute("pragma cache_size = 1")
        connection.execute("begin")
        connection.executemany("insert into t values (zeroblob(?))", [(9000,)] * 20)
        log = log_of(tmp_path)
        assert len(log) > max(before.values()) + 20 * SIZE
        assert read(log) == before


def test_pages_of_before_the_log_began_anew_do_not_count(tmp_path: Path) -> None:
    with logging(tmp_path) as connection:
        connection.executemany("insert into t values (zeroblob(?))", [(9000,)] * 20)
        longer = len(log_of(tmp_path))
        connection.execute("pragma wal_checkpoint(restart)")
        connection.execute("insert into t values (1)")
        log = log_of(tmp_path)
        assert len(log) == longer
        assert len(read(log)) < 5


def test_a_log_ends_before_a_page_that_was_not_written_whole(tmp_path: Path) -> None:
    with logging(tmp_path) as connection:
        connection.execute("insert into t values (1)")
        before = log_of(tmp_path)
        connection.execute("insert into t values (2)")
        log = bytearray(log_of(tmp_path))
    assert read(bytes(log)) != read(before)
    log[-1] ^= 1
    assert read(bytes(log)) == read(before)
    assert read(bytes(log[:-1])) == read(before)


@pytest.mark.parametrize("log", [b"", bytes(31), bytes(5000), b"\x37\x7f\x06\x82" + bytes(5000)])
def test_a_log_that_sqlite_would_not_use_has_no_pages(log: bytes) -> None:
    assert read(log) == {}


def test_a_log_of_another_size_of_pages_is_damage(tmp_path: Path) -> None:
    with logging(tmp_path) as connection:
        connection.execute("insert into t values (1)")
        log = log_of(tmp_path)
    with pytest.raises(Damaged):
        read(log, 8192)


def test_a_log_without_end_is_damage(tmp_path: Path) -> None:
    with logging(tmp_path) as connection:
        connection.execute("insert into t values (1)")
        log = log_of(tmp_path)
    with pytest.raises(Damaged):
        committed(of(log), (FRAMES_LIMIT + 1) * SIZE, SIZE)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_changed_log_gives_pages_of_the_unchanged_one(data: st.DataObject, kept: bytes) -> None:
    log = bytearray(kept)
    for _ in range(data.draw(st.integers(1, 5))):
        log[data.draw(st.integers(0, len(log) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = read(bytes(log))
    except Damaged:
        return
    assert all(offset % FRAME == 32 + 24 for offset in found.values())


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("log")
    with logging(folder) as connection:
        for number in range(5):
            connection.execute("insert into t values (?)", (number,))
        return log_of(folder)
