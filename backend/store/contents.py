"""Records by their content: each distinct one is checked, parsed and stored once, and then known by its hash."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from backend.canonical import identity
from backend.store.bulk import find_bulk, insert_bulk

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from backend.store.bulk import Bulk


class Known(NamedTuple):
    """A record's content as it is stored.

    content_id: Its row in content.
    key_id: The row of its key in record_key.
    number: Its SHA-256 as a number, of which the set digest is the sum.
    """

    content_id: int
    key_id: int
    number: int


class Contents:
    """What the store holds, by canonical bytes and remembered up to a limit; for the writer's thread alone.

    What was learned inside a transaction counts only from keep() on; forget() takes it back.
    """

    def __init__(self, bulk: Bulk, capacity: int = 48 * 1024 * 1024) -> None:
        """Remember at most this many bytes of records."""
        self._bulk = bulk
        self._capacity = capacity
        self._size = 0
        self._known: dict[bytes, Known] = {}
        self._fresh: dict[bytes, Known] = {}

    def intern(self, connection: Connection, stables: Sequence[bytes]) -> list[Known]:
        """Store what is new of these canonical records and give the place of each; 422 when one is not a record."""
        places = list(map(self._known.get, stables))
        missing = {stable: None for stable, place in zip(stables, places) if place is None}
        if missing:
            self._learn(connection, [stable for stable in missing if stable not in self._fresh])
        return [place or self._fresh[stable] for stable, place in zip(stables, places)]

    def keep(self) -> None:
        """The transaction is committed: what was learned in it is true."""
        self._size += sum(map(len, self._fresh))
        if self._size > self._capacity:
            self._known.clear()
            self._size = sum(map(len, self._fresh))
        self._known.update(self._fresh)
        self._fresh.clear()

    def forget(self) -> None:
        """The transaction, or a part of it, is rolled back."""
        self._fresh.clear()

    def _learn(self, connection: Connection, stables: Sequence[bytes]) -> None:
        absent = {sha256(stable).digest(): stable for stable in stables}
        stored = stored_contents(connection, self._bulk, absent)
        new = {found: stable for found, stable in absent.items() if found not in stored}
        if new:
            self._store(connection, new)
            stored.update(stored_contents(connection, self._bulk, new))
        self._fresh.update((stable, stored[found]) for found, stable in absent.items())

    def _store(self, connection: Connection, new: Mapping[bytes, bytes]) -> None:
        identities = [identity(stable) for stable in new.values()]
        key_ids = self._key_ids(connection, {sha256(key).digest(): key for _, key in identities})
        rows = [
            (found, key_ids[sha256(key).digest()], kind, stable)
            for (found, stable), (kind, key) in zip(new.items(), identities)
        ]
        insert_bulk(connection, self._bulk.insert_contents, rows)

    def _key_ids(self, connection: Connection, keys: Mapping[bytes, bytes]) -> dict[bytes, int]:
        found = stored_keys(connection, self._bulk, keys)
        new = [(sha, key) for sha, key in keys.items() if sha not in found]
        if new:
            insert_bulk(connection, self._bulk.insert_keys, new)
            found.update(stored_keys(connection, self._bulk, [sha for sha, _ in new]))
        return found


def stored_contents(connection: Connection, bulk: Bulk, hashes: Iterable[bytes]) -> dict[bytes, Known]:
    """Look contents up by their hash."""
    rows = find_bulk(connection, bulk, bulk.find_contents, hashes)
    return {row[0]: Known(row[1], row[2], int.from_bytes(row[0], "big")) for row in rows}


def stored_keys(connection: Connection, bulk: Bulk, hashes: Iterable[bytes]) -> dict[bytes, int]:
    """Look the ids of keys up by the SHA-256 of the key."""
    return {row[0]: row[1] for row in find_bulk(connection, bulk, bulk.find_keys, hashes)}
