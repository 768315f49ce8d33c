"""The records of a section, and how they changed over time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from backend.page import Page, cut
from backend.reading.hosts import known_agent, known_section
from backend.store.schema import change, content, member, record_key, section

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row


class Since(NamedTuple):
    """Which changes are asked for: of one section or all, received at or after a time in seconds since 1970."""

    section: str | None
    received_at: int


def list_records(connection: Connection, name: str, section_name: str, kind: str | None, page: Page) -> dict[str, Any]:
    """Give a page of a section's records, in an order that stays the same from request to request."""
    found = known_section(connection, name, section_name)
    rows = (
        select(member.c.key_id, member.c.volatile, member.c.last_seen, content.c.body)
        .join(content, content.c.id == member.c.content_id)
        .where(member.c.section_id == found.id)
        .order_by(member.c.key_id)
        .limit(page.limit + 1)
    )
    if kind is not None:
        rows = rows.where(content.c.kind == kind)
    if page.after is not None:
        rows = rows.where(member.c.key_id > page.after)
    kept, following = cut(connection.execute(rows).all(), page, "key_id")
    return {"records": [described(row, found.as_of) for row in kept], "next": following}


def list_changes(connection: Connection, name: str, since: Since, page: Page) -> dict[str, Any]:
    """Give a page of a host's changes, oldest first."""
    if since.section is None:
        known_agent(connection, name)
    else:
        known_section(connection, name, since.section)
    before, after = content.alias(), content.alias()
    rows = (
        select(change, section.c.name, record_key.c.key, before.c.body.label("before"), after.c.body.label("after"))
        .join(section, section.c.id == change.c.section_id)
        .outerjoin(record_key, record_key.c.id == change.c.key_id)
        .outerjoin(before, before.c.id == change.c.before_id)
        .outerjoin(after, after.c.id == change.c.after_id)
        .where(section.c.agent == name, change.c.received_at >= since.received_at)
        .order_by(change.c.id)
        .limit(page.limit + 1)
    )
    if since.section is not None:
        rows = rows.where(section.c.name == since.section)
    if page.after is not None:
        rows = rows.where(change.c.id > page.after)
    kept, following = cut(connection.execute(rows).all(), page, "id")
    return {"changes": [_change(row) for row in kept], "next": following}


def described(row: Row[Any], as_of: int | None) -> dict[str, Any]:
    """Give a record from its row of body, volatile and last_seen; as_of: when its section was last known to hold."""
    fields = {**json.loads(row.volatile or b"{}"), **json.loads(row.body)}
    return {
        "kind": fields.pop("kind"),
        "key": fields.pop("key"),
        "fields": fields,
        "confirmed": row.last_seen is None,
        "last_seen": as_of if row.last_seen is None else row.last_seen,
    }


def _change(row: Row[Any]) -> dict[str, Any]:
    return {
        "section": row.name,
        "action": row.action,
        "key": None if row.key is None else row.key.decode(),
        "before": _fields(row.before),
        "after": _fields(row.after),
        "count": row.count,
        "taken_at": row.taken_at,
        "received_at": row.received_at,
    }


def _fields(body: bytes | None) -> dict[str, Any] | None:
    """A record without its volatile fields; None where there was none."""
    found: dict[str, Any] | None = None if body is None else json.loads(body)
    return found
