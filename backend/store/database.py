"""Opening a store: SQLite or PostgreSQL by URL, made when it is new, refused when it is of another version."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Engine, create_engine, event, insert, inspect, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, SQLAlchemyError

from backend.errors import Misused
from backend.store.bulk import Bulk, compile_bulk
from backend.store.schema import METADATA, VERSION, schema_version

DEFAULT_STORE = "sqlite:///stocktake-backend.sqlite"
"""A file in the current folder."""

_PRAGMAS = (
    "busy_timeout=5000",
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "cache_size=-32768",  # KiB: the indices by hash are read all over
    "wal_autocheckpoint=8000",  # pages: those that many messages change are copied once
)

_EXPECTED = "expected sqlite:///FILE or postgresql://USER@HOST/DATABASE"


class Store(NamedTuple):
    """An open store.

    write: Connections for the one writer; in SQLite they lock at once.
    read: Connections that see what was last committed.
    bulk: Statements in this database's dialect.
    """

    write: Engine
    read: Engine
    bulk: Bulk


def open_store(text: str) -> Store:
    """Open a store, making its tables when there are none; Misused says what is wrong with it."""
    url = _checked(text)
    store = _sqlite(url) if url.get_backend_name() == "sqlite" else _postgresql(url)
    try:
        _prepare(store)
    except (DatabaseError, OSError) as error:
        reason = str(getattr(error, "orig", error)).strip().partition("\n")[0]
        raise Misused(
            f"store {url.render_as_string()}: {reason}: check that it is there and may be written, or name another with --store"
        ) from None
    return store


def close_store(store: Store) -> None:
    """Close every connection."""
    store.write.dispose()
    store.read.dispose()


def _checked(text: str) -> URL:
    try:
        url = make_url(text)
        name = url.get_backend_name()
    except (ArgumentError, SQLAlchemyError):
        raise Misused(f"--store: not a URL: {_EXPECTED}") from None
    if name not in ("sqlite", "postgresql"):
        raise Misused(f"--store: {name} is not supported: {_EXPECTED}")
    if name == "sqlite" and url.database in (None, "", ":memory:"):
        raise Misused("--store: a store in memory would forget what it acknowledged: give sqlite:///FILE")
    return url


def _sqlite(url: URL) -> Store:
    """WAL lets readers go on beside the writer; synchronous=FULL makes every commit durable."""
    write, read = create_engine(url, hide_parameters=True), create_engine(url, hide_parameters=True)
    for engine, begin in ((write, "BEGIN IMMEDIATE"), (read, "BEGIN")):
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _beginner(begin))
    return Store(write, read, compile_bulk(write.dialect))


def _configure_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _beginner(statement: str) -> Any:
    """sqlite3 opens no transaction before reads and would end ours at savepoints, so that we begin them ourselves."""
    return lambda connection: connection.exec_driver_sql(statement)


def _postgresql(url: URL) -> Store:
    url = url.set(drivername="postgresql+psycopg")
    engine = create_engine(url, paramstyle="format", pool_pre_ping=True, hide_parameters=True)
    return Store(engine, engine, compile_bulk(engine.dialect))


def _prepare(store: Store) -> None:
    with store.write.begin() as connection:
        if not inspect(connection).has_table(schema_version.name):
            METADATA.create_all(connection)
            connection.execute(insert(schema_version).values(version=VERSION))
        found = connection.execute(select(schema_version.c.version)).scalar()
    if found != VERSION:
        raise Misused(
            f"store {store.write.url.render_as_string()}: it has schema {found}, this backend knows {VERSION}: "
            "run the backend that made it, or name another store with --store"
        )
