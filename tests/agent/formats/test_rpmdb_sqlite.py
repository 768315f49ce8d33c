"""The headers in rpmdb.sqlite are those that SQLite gives."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.formats.read_at import of
from agent.formats.rpmdb import Damaged
from agent.formats.rpmdb_sqlite import values
from agent.formats.sqlite_pages import Pages
from tests.hosts.rpm import build, centos, install, needs_rpm, to_sqlite

__all__ = ["centos"]  # a fixture
pytestmark = needs_rpm

WHOLE = 1 << 24
MUTATIONS = st.lists(st.tuples(st.integers(0, 1 << 30), st.binary(min_size=1, max_size=6)), min_size=1, max_size=30)


def headers_of(content: bytes) -> list[bytes]:
    return [value(WHOLE) for value in values(Pages(of(content), len(content), of(b""), 0))]


def test_the_headers_of_a_real_database_are_those_that_sqlite_gives(centos: Path, tmp_path: Path) -> None:
    shutil.copytree(centos / "centos6-plain", tmp_path / "db")
    to_sqlite(tmp_path / "db")
    with closing(sqlite3.connect(tmp_path / "db/rpmdb.sqlite")) as connection:
        expected = [blob for (blob,) in connection.execute("select blob from Packages order by hnum")]
    assert headers_of((tmp_path / "db/rpmdb.sqlite").read_bytes()) == expected


def test_the_first_bytes_of_a_header_are_read_alone(small: bytes) -> None:
    pages = Pages(of(small), len(small), of(b""), 0)
    for value in values(pages):
        assert value(100) == value(WHOLE)[:100]


def test_a_row_without_a_blob_is_damage(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "db")) as connection:
        connection.execute("create table Packages (hnum integer primary key, blob blob)")
        connection.execute("insert into Packages values (1, 'text')")
        connection.commit()
    with pytest.raises(Damaged):
        headers_of((tmp_path / "db").read_bytes())


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("small")
    install(folder / "root", build(folder, "tea"), build(folder, "milk"))
    return Path(folder / "root/var/lib/rpm/rpmdb.sqlite").read_bytes()


@settings(max_examples=200, deadline=None)
@given(MUTATIONS)
def test_a_changed_database_is_read_or_damaged(small: bytes, mutations: list[tuple[int, bytes]]) -> None:
    content = bytearray(small)
    for offset, written in mutations:
        content[offset % len(small) : offset % len(small) + len(written)] = written
    try:
        headers_of(bytes(content))
    except Damaged:
        pass
