"""A section as the store has it: its row, its members, and how they are read and written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, or_, select, update

from backend.edit import Edit, Member, make_members
from backend.errors import Refused
from backend.store.bulk import insert_bulk, run_bulk
from backend.store.schema import content, member, record_key, section

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

    from backend.store.bulk import Bulk

MOST_SECTIONS = 64
"""Sections that one agent may have."""


@dataclass(frozen=True)
class Section:
    """A row of the table section; see there for what its fields mean."""

    id: int
    agent: str
    name: str
    epoch: str | None
    seq: int | None
    digest: str | None
    count: int
    unconfirmed: int
    status: str | None
    taken_at: int | None
    received_at: int | None
    as_of: int | None
    attempt_status: str | None
    attempted_at: int | None
    error: str | None

    @property
    def have(self) -> dict[str, Any] | None:
        """What an answer says that the store has; None before the first message."""
        if self.epoch is None:
            return None
        return {"epoch": self.epoch, "seq": self.seq, "digest": self.digest}


def locked_section(connection: Connection, agent: str, name: str) -> Section:
    """Give a section's row, made when it is new, for this transaction alone."""
    which = {"of_agent": agent, "of_name": name}
    found = connection.execute(_SECTION, which).one_or_none()
    return _new_section(connection, agent, name) if found is None else Section(**found._mapping)


def write_section(connection: Connection, section_id: int, **values: Any) -> None:
    """Change fields of a section's row."""
    connection.execute(_SECTION_BY_ID, {"of_id": section_id, **values})


def all_members(connection: Connection, bulk: Bulk, section_id: int) -> dict[int, Member]:
    """Give every member of a section by the id of its key."""
    rows = connection.exec_driver_sql(bulk.all_members, (section_id,)).fetchall()
    return make_members(*zip(*rows)) if rows else {}


def touched_members(
    connection: Connection, section_id: int, key_ids: Collection[int]
) -> tuple[dict[int, Member], dict[int, int]]:
    """Give the members that a delta names or that are unconfirmed, and the SHA-256 of each one's content as a number."""
    columns = _MEMBERS.add_columns(content.c.sha256).join(content, content.c.id == member.c.content_id)
    members, numbers = {}, {}
    for chunk in _chunks(list(key_ids)):
        named = or_(member.c.key_id.in_(chunk), member.c.last_seen.is_not(None))
        for row in connection.execute(columns.where(member.c.section_id == section_id, named)):
            members[row[0]] = Member(row[1], row[2], row[3])
            numbers[row[0]] = int.from_bytes(row[4], "big")
    return members, numbers


def member_keys(connection: Connection, section_id: int) -> dict[int, bytes]:
    """Give the keys, in UTF-8, of every member of a section by their ids."""
    columns = select(record_key.c.id, record_key.c.key).join(member, member.c.key_id == record_key.c.id)
    return {row.id: row.key for row in connection.execute(columns.where(member.c.section_id == section_id))}


def write_members(connection: Connection, bulk: Bulk, section_id: int, change: Edit) -> None:
    """Carry an edit out."""
    run_bulk(connection, bulk.delete_members, [(section_id, key) for key in change.removed])
    run_bulk(connection, bulk.update_members, [(*new, section_id, key) for key, new in change.updated.items()])
    rows = [(section_id, key, content, volatile, seen) for key, (content, volatile, seen) in change.inserted.items()]
    insert_bulk(connection, bulk.insert_members, rows)


# Statements of every message are made once: making one costs more than running it.
_SECTION = (
    select(section)
    .where(section.c.agent == bindparam("of_agent"), section.c.name == bindparam("of_name"))
    .with_for_update()
)
_SECTION_BY_ID = update(section).where(section.c.id == bindparam("of_id"))
_MEMBERS = select(member.c.key_id, member.c.content_id, member.c.volatile, member.c.last_seen)


def _new_section(connection: Connection, agent: str, name: str) -> Section:
    there = connection.execute(select(func.count()).where(section.c.agent == agent)).scalar_one()
    if there >= MOST_SECTIONS:
        raise Refused(422, f"the agent has {MOST_SECTIONS} sections already", "send no others")
    values = {"agent": agent, "name": name, "count": 0, "unconfirmed": 0}
    return Section(**connection.execute(insert(section).returning(section), values).one()._mapping)


def _chunks(key_ids: list[int]) -> list[list[int]]:
    """A statement takes a limited number of parameters; one without any still finds the unconfirmed."""
    return [key_ids[start : start + 500] for start in range(0, max(1, len(key_ids)), 500)]
