"""What became different in a section by a message, as rows of the table change."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from backend.store.bulk import insert_bulk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection

    from backend.edit import Edit, Member
    from backend.store.bulk import Bulk

BASELINE = "baseline"
APPEARED = "appeared"
CHANGED = "changed"
VANISHED = "vanished"


class Change(NamedTuple):
    """One entry, in the columns of the table; a baseline has a number of records and no key, any other the reverse."""

    action: str
    key_id: int | None
    before_id: int | None
    after_id: int | None
    records: int | None


def changes(before: Mapping[int, Member], edit: Edit) -> Iterator[Change]:
    """Give what is really different; fresh volatile fields and lost confirmation are not."""
    for key, new in edit.inserted.items():
        yield Change(APPEARED, key, None, new.content_id, None)
    for key, new in edit.updated.items():
        if before[key].content_id != new.content_id:
            yield Change(CHANGED, key, before[key].content_id, new.content_id, None)
    for key in edit.removed:
        yield Change(VANISHED, key, before[key].content_id, None, None)


def baseline(count: int) -> Change:
    """Give the entry of a section's first snapshot."""
    return Change(BASELINE, None, None, None, count)


def write_changes(
    connection: Connection, bulk: Bulk, section_id: int, entries: Iterator[Change], taken_at: int, received_at: int
) -> None:
    """Write entries down."""
    rows = [(section_id, *entry, taken_at, received_at) for entry in entries]
    insert_bulk(connection, bulk.insert_changes, rows)
