"""How a store is opened."""

from __future__ import annotations

from backend.store.database import close_store, open_store


def test_sqlite_makes_every_commit_durable_and_lets_readers_go_on(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/store")
    with store.write.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    close_store(store)
