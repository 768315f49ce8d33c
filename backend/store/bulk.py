"""Statements for thousands of rows, compiled once: the driver takes tuples, in the order given here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, delete, insert, update
from sqlalchemy.dialects import postgresql, sqlite

from backend.store.schema import change, content, member, record_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Dialect, Table


class Bulk(NamedTuple):
    """SQL of the statements that run once a record.

    insert_members: section_id, key_id, content_id, volatile, last_seen.
    update_members: content_id, volatile, last_seen, section_id, key_id.
    delete_members: section_id, key_id.
    insert_keys: sha256, key; one that is there stays.
    insert_contents: sha256, key_id, kind, body; one that is there stays.
    insert_changes: section_id, action, key_id, before_id, after_id, count, taken_at, received_at.
    """

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
    statements = (
        insert(member).values(_all(member)),
        update(member).where(*row).values(values),
        delete(member).where(*row),
        _insert_new(dialect, record_key),
        _insert_new(dialect, content),
        insert(change).values(_all(change, "id")),
    )
    return Bulk(*(str(statement.compile(dialect=dialect)) for statement in statements))


def run_bulk(connection: Connection, sql: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run a statement once for every row."""
    if rows:
        connection.exec_driver_sql(sql, list(rows))


def _insert_new(dialect: Dialect, table: Table) -> Any:
    """Insert what is not there yet; another backend on the same database may have been faster."""
    flavour = postgresql if dialect.name == "postgresql" else sqlite
    return flavour.insert(table).values(_all(table, "id")).on_conflict_do_nothing(index_elements=["sha256"])


def _all(table: Table, *without: str) -> dict[str, Any]:
    return {column.name: bindparam(column.name) for column in table.columns if column.name not in without}
