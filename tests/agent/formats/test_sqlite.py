"""Tables are read as SQLite itself reads them, whatever the size of pages and of rows."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.formats.read_at import of
from agent.formats.rpmdb import Damaged
from agent.formats.sqlite import rows, table, values, varint
from agent.formats.sqlite_pages import Pages

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

WHOLE = 1 << 24
MUTATIONS = st.lists(st.tuples(st.integers(0, 1 << 30), st.binary(min_size=1, max_size=6)), min_size=1, max_size=20)


def made(path: Path, blobs: Sequence[bytes | None], page_size: int = 4096, before: int = 0) -> bytes:
    """Make a database with a table of blobs, after so many other tables."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"pragma page_size = {page_size}")
        for number in range(before):
            connection.execute(f"create table other{number} (name text, more text default '{'x' * 99}')")
        connection.execute("create table Wanted (number integer primary key, blob blob)")
        connection.executemany("insert into Wanted values (null, ?)", [(blob,) for blob in blobs])
        connection.commit()
    return path.read_bytes()


def pages_of(content: bytes) -> Pages:
    return Pages(of(content), len(content), of(b""), 0)


def blobs_of(content: bytes) -> list[bytes]:
    pages = pages_of(content)
    return [values(row(WHOLE))[1] for row in rows(pages, table(pages, "Wanted"))]


@pytest.mark.parametrize("page_size", [512, 1024, 4096, 65536])
def test_rows_of_any_length_are_read_in_their_order(tmp_path: Path, page_size: int) -> None:
    lengths = [*range(0, 1200, 7), *(page_size + number for number in range(-60, 20)), 100_000, 1_000_000]
    blobs = [bytes((number % 251,)) * length for number, length in enumerate(lengths)]
    assert blobs_of(made(tmp_path / "db", blobs, page_size)) == blobs


def test_a_deep_tree_is_read(tmp_path: Path) -> None:
    blobs = [number.to_bytes(4, "big") * 20 for number in range(20_000)]
    assert blobs_of(made(tmp_path / "db", blobs, 512)) == blobs


def test_a_table_is_found_among_many(tmp_path: Path) -> None:
    assert blobs_of(made(tmp_path / "db", [b"x"], 512, before=300)) == [b"x"]


def test_the_first_bytes_of_a_row_are_read_alone(tmp_path: Path) -> None:
    content = made(tmp_path / "db", [bytes(range(256)) * 400])
    asked: list[int] = []

    def read_at(offset: int, count: int) -> bytes:
        asked.append(count)
        return content[offset : offset + count]

    pages = Pages(read_at, len(content), of(b""), 0)
    [row] = rows(pages, table(pages, "Wanted"))
    asked.clear()
    assert row(5000) == row(WHOLE)[:5000]
    assert row(0) == b""
    assert asked[0] == 4096


def test_rows_that_were_deleted_are_not_read(tmp_path: Path) -> None:
    made(tmp_path / "db", [bytes((number,)) * 9000 for number in range(200)])
    with closing(sqlite3.connect(tmp_path / "db")) as connection:
        connection.execute("delete from Wanted where number % 3")
        connection.commit()
        expected = [blob for (blob,) in connection.execute("select blob from Wanted order by number")]
    assert blobs_of((tmp_path / "db").read_bytes()) == expected


def test_values_of_every_type_are_read(tmp_path: Path) -> None:
    numbers = [0, 1, -1, 127, 128, 40_000, -9_000_000, 1 << 40, -(1 << 50), 1 << 62]
    with closing(sqlite3.connect(tmp_path / "db")) as connection:
        connection.execute("create table Wanted (a, b, c)")
        connection.executemany("insert into Wanted values (?, 'text', x'00ff')", [(number,) for number in numbers])
        connection.commit()
    pages = pages_of((tmp_path / "db").read_bytes())
    found = [values(row(WHOLE)) for row in rows(pages, table(pages, "Wanted"))]
    assert [int.from_bytes(number, "big", signed=True) for number, _, _ in found] == numbers
    assert {(text, blob) for _, text, blob in found} == {(b"text", b"\0\xff")}


def test_without_the_table_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(Damaged, match="no table Missing"):
        table(pages_of(made(tmp_path / "db", [b"x"])), "Missing")


def test_a_tree_that_leads_back_to_itself_ends(tmp_path: Path) -> None:
    content = bytearray(made(tmp_path / "db", [b"x" * 300] * 400, 512))
    root = table(pages_of(bytes(content)), "Wanted")
    start = (root - 1) * 512
    assert content[start] == 5
    content[start + 8 : start + 12] = root.to_bytes(4, "big")
    with pytest.raises(Damaged, match="loop"):
        blobs_of(bytes(content))


def test_what_is_before_and_behind_a_damaged_page_is_given(tmp_path: Path) -> None:
    blobs = [number.to_bytes(4, "big") * 20 for number in range(300)]
    content = made(tmp_path / "db", blobs)
    place = content.index(blobs[150]) // 4096 * 4096
    pages = pages_of(content[:place] + bytes(4096) + content[place + 4096 :])
    found: list[bytes] = []
    with pytest.raises(Damaged):
        found.extend(values(row(WHOLE))[1] for row in rows(pages, table(pages, "Wanted")))
    assert blobs[0] in found
    assert blobs[-1] in found
    assert blobs[150] not in found


@pytest.mark.parametrize(("written", "number"), [(b"\x7f", 127), (b"\x81\x00", 128), (b"\xff" * 9, (1 << 64) - 1)])
def test_numbers_of_variable_length_are_read(written: bytes, number: int) -> None:
    assert varint(written + b"\x01", 0) == (number, len(written))


@pytest.mark.parametrize("written", [b"", b"\x81", b"\xff" * 8])
def test_a_number_that_is_cut_off_is_damage(written: bytes) -> None:
    with pytest.raises(Damaged):
        varint(written, 0)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return made(tmp_path_factory.mktemp("small") / "db", [bytes(100 * number) for number in range(40)], 512)


@settings(max_examples=300, deadline=None)
@given(MUTATIONS)
def test_a_changed_database_is_read_or_damaged(small: bytes, mutations: list[tuple[int, bytes]]) -> None:
    content = bytearray(small)
    for offset, written in mutations:
        content[offset % len(small) : offset % len(small) + len(written)] = written
    try:
        pages = pages_of(bytes(content))
        for row in rows(pages, table(pages, "Wanted")):
            values(row(WHOLE))
    except Damaged:
        pass
