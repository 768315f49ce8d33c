"""Statements for thousands of rows, compiled once: the driver takes tuples, in the order given here."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from backend.store.schema import change, content, member, record_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection, Dialect, Table


_TOGETHER = 100


class Bulk(NamedTuple):
    """SQL of the statements that run for every record.

    marker: How a parameter is written.
    all_members: section_id; gives key_id, content_id, volatile, last_seen.
    find_contents: gives sha256, id, key_id; for find_bulk.
    find_keys: gives sha256, id; for find_bulk.
    insert_members: section_id, key_id, content_id, volatile, last_seen.
    update_members: content_id, volatile, last_seen, section_id, key_id.
    delete_members: section_id, key_id.
    insert_keys: sha256, key; one that is there stays.
    insert_contents: sha256, key_id, kind, body; one that is there stays.
    insert_changes: section_id, action, key_id, before_id, after_id, count, taken_at, received_at.
    """

    marker: str
    all_members: str
    find_contents: str
    find_keys: str
    insert_members: str
    update_members: str
    delete_members: str
    insert_keys: str
    insert_contents: str
    insert_changes: str


def compile_bulk(dialect: Dialect) -> Bulk:
    """Write the statements for a database's dialect."""
    row = (member.c.section_id == bindparam("at_section"), member.c.key_id == bindparam("at_key"))
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in ("content_id", "volatile", "last_seen")}
    members = select(member.c.key_id, member.c.content_id, member.c.volatile, member.c.last_seen)
    contents, keys = (
        select(content.c.sha256, content.c.id, content.c.key_id),
        select(record_key.c.sha256, record_key.c.id),
    )
    statements = (
        members.where(member.c.section_id == bindparam("of_section")),
        contents,
        keys,
        insert(member).values(_all(member)),
        update(member).where(*row).values(values),
        delete(member).where(*row),
        _insert_new(dialect, record_key),
        _insert_new(dialect, content),
        insert(change).values(_all(change, "id")).inline(),
    )
    marker = "%s" if dialect.paramstyle == "format" else "?"
    return Bulk(marker, *(str(statement.compile(dialect=dialect)) for statement in statements))


def run_bulk(connection: Connection, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run a statement once for every row."""
    if rows:
        connection.exec_driver_sql(sql, list(rows))


def insert_bulk(connection: Connection, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run an INSERT for every row, many rows at a time: half the cost of one at a time."""
    whole = len(rows) - len(rows) % _TOGETHER
    head, values, tail = sql.partition(" VALUES ")
    row, conflict, rest = tail.partition(" ON CONFLICT ")
    together = head + values + ", ".join([row] * _TOGETHER) + conflict + rest
    for start in range(0, whole, _TOGETHER):
        flat = chain.from_iterable(rows[start : start + _TOGETHER])
        connection.exec_driver_sql(together, tuple(flat))
    run_bulk(connection, sql, rows[whole:])


def find_bulk(connection: Connection, bulk: Bulk, sql: str, hashes: Iterable[bytes]) -> Iterator[Sequence[Any]]:
    """Run a query for the rows whose sha256 is one of these; a statement takes a limited number of parameters."""
    whole = list(hashes)
    for start in range(0, len(whole), _TOGETHER):
        some = tuple(whole[start : start + _TOGETHER])
        marks = ", ".join([bulk.marker] * len(some))
        yield from connection.exec_driver_sql(f"{sql} WHERE sha256 IN ({marks})", some)


def _insert_new(dialect: Dialect, table: Table) -> Any:
    """Insert what is not there yet; another backend on the same database may have been faster."""
    flavour = postgresql if dialect.name == "postgresql" else sqlite
    return flavour.insert(table).values(_all(table, "id")).on_conflict_do_nothing(index_elements=["sha256"])


def _all(table: Table, *without: str) -> dict[str, Any]:
    return {column.name: bindparam(column.name) for column in table.columns if column.name not in without}
