"""Records by their content: each distinct one is checked, parsed and stored once, and then known by its hash."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from backend.canonical import identity
from backend.store.bulk import run_bulk
from backend.store.schema import content, record_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from backend.store.bulk import Bulk

_CHUNK = 500


class Known(NamedTuple):
    """Where a record's content is stored.

    content_id: Its row in content.
    key_id: The row of its key in record_key.
    """

    content_id: int
    key_id: int


class Contents:
    """What the store holds by hash, remembered up to a limit; for the writer's thread alone.

    What was learned inside a transaction counts only from keep() on; forget() takes it back.
    """

    def __init__(self, bulk: Bulk, capacity: int = 200_000) -> None:
        self._bulk = bulk
        self._capacity = capacity
        self._known: dict[bytes, Known] = {}
        self._fresh: dict[bytes, Known] = {}

    def intern(self, connection: Connection, stables: Sequence[bytes]) -> tuple[list[bytes], list[Known]]:
        """Store what is new of these canonical records; give each one's hash and place.

        Refused with 422 when one is not a valid record.
        """
        hashes = [sha256(stable).digest() for stable in stables]
        missing = {found: stable for found, stable in zip(hashes, stables) if found not in self._known}
        if not missing:
            known = self._known
            return hashes, [known[found] for found in hashes]
        self._learn(connection, missing)
        return hashes, [self._known.get(found) or self._fresh[found] for found in hashes]

    def keep(self) -> None:
        """The transaction is committed: what was learned in it is true."""
        if len(self._known) + len(self._fresh) > self._capacity:
            self._known.clear()
        self._known.update(self._fresh)
        self._fresh.clear()

    def forget(self) -> None:
        """The transaction, or a part of it, is rolled back."""
        self._fresh.clear()

    def _learn(self, connection: Connection, missing: Mapping[bytes, bytes]) -> None:
        absent = {found: stable for found, stable in missing.items() if found not in self._fresh}
        self._fresh.update(stored_contents(connection, absent))
        new = {found: stable for found, stable in absent.items() if found not in self._fresh}
        if new:
            self._store(connection, new)
            self._fresh.update(stored_contents(connection, new))

    def _store(self, connection: Connection, new: Mapping[bytes, bytes]) -> None:
        identities = [identity(stable) for stable in new.values()]
        keys = {sha256(key).digest(): key for _, key in identities}
        run_bulk(connection, self._bulk.insert_keys, sorted(keys.items()))
        key_ids = stored_keys(connection, keys)
        rows = [
            (found, key_ids[sha256(key).digest()], kind, stable)
            for (found, stable), (kind, key) in zip(new.items(), identities)
        ]
        run_bulk(connection, self._bulk.insert_contents, sorted(rows))


def stored_contents(connection: Connection, hashes: Iterable[bytes]) -> dict[bytes, Known]:
    """Look contents up by their hash."""
    columns = select(content.c.sha256, content.c.id, content.c.key_id)
    found = {}
    for chunk in _chunks(hashes):
        for row in connection.execute(columns.where(content.c.sha256.in_(chunk))):
            found[row.sha256] = Known(row.id, row.key_id)
    return found


def stored_keys(connection: Connection, hashes: Iterable[bytes]) -> dict[bytes, int]:
    """Look the ids of keys up by the SHA-256 of the key."""
    columns = select(record_key.c.sha256, record_key.c.id)
    found = {}
    for chunk in _chunks(hashes):
        for row in connection.execute(columns.where(record_key.c.sha256.in_(chunk))):
            found[row.sha256] = row.id
    return found


def _chunks(hashes: Iterable[bytes]) -> Iterator[list[bytes]]:
    """A statement takes a limited number of parameters."""
    whole = list(hashes)
    for start in range(0, len(whole), _CHUNK):
        yield whole[start : start + _CHUNK]
