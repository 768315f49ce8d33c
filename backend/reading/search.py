"""Records of all hosts by what they say: which hosts have a file that contradicts its package, or a package."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import ColumnElement, Text, and_, cast, func, or_, select, tuple_

from agent.model.codec import dumps
from backend.errors import Refused
from backend.page import Page, cut
from backend.reading.hosts import host_facts
from backend.reading.records import described
from backend.store.schema import content, member, section

if TYPE_CHECKING:
    from sqlalchemy import Connection

_FIELD = re.compile(r"[a-z][a-z0-9_]{0,63}")
_POSITION = re.compile(r"([0-9]{1,18})\.([0-9]{1,18})")
_LONGEST = 4096
"""Characters of a value that is asked for."""


class Field(NamedTuple):
    """A field that records must have: its name and its value as text; null, true, 7 mean what they mean in JSON, too."""

    name: str
    value: str


class Wanted(NamedTuple):
    """Which records are asked for, None for any: of one section, of one kind, with one field."""

    section: str | None
    kind: str | None
    field: Field | None


def asked_field(text: str | None) -> Field | None:
    """Read name=value; Refused with 400 for anything else."""
    if text is None:
        return None
    name, sign, value = text.partition("=")
    if not sign or not _FIELD.fullmatch(name) or len(value) > _LONGEST:
        raise Refused(400, "where: expected the name of a field, = and its value", "correct it, or leave it out")
    return Field(name, value)


def search_records(connection: Connection, wanted: Wanted, page: Page) -> dict[str, Any]:
    """Give a page of the records that all hosts have, host by host."""
    columns = (member.c.key_id, member.c.volatile, member.c.last_seen, content.c.body)
    rows = (
        select(section.c.agent, section.c.name, section.c.as_of, _position().label("position"), *columns)
        .join(member, member.c.section_id == section.c.id)
        .join(content, and_(content.c.id == member.c.content_id, content.c.key_id == member.c.key_id))
        .where(*_conditions(connection, wanted))
        .order_by(member.c.section_id, member.c.key_id)
        .limit(page.limit + 1)
    )
    if page.after is not None:
        rows = rows.where(tuple_(member.c.section_id, member.c.key_id) > _after(page.after))
    kept, following = cut(connection.execute(rows).all(), page, "position")
    facts = host_facts(connection, sorted({row.agent for row in kept}))
    found = [
        {
            "agent": row.agent,
            "hostname": facts.get(row.agent, {}).get("hostname"),
            "section": row.name,
            **described(row, row.as_of),
        }
        for row in kept
    ]
    return {"records": found, "next": following}


def holds(connection: Connection, field: Field) -> ColumnElement[bool]:
    """Give the condition that a record has a field: in canonical JSON its name and value are the same bytes everywhere.

    Within a string the quotes would be escaped, and no record holds an object of its own.
    """
    texts = [dumps({field.name: field.value})[1:-1]]
    if _is_no_string(field.value):
        bare = f'"{field.name}":{field.value}'.encode()
        texts += [bare + b",", bare + b"}"]
    position = func.pg_catalog.position if connection.dialect.name == "postgresql" else func.instr
    return or_(*(position(content.c.body, text) > 0 for text in texts))


def _is_no_string(value: str) -> bool:
    """Tell whether a value is written in JSON as it is: null, true, false or a whole number."""
    try:
        return json.dumps(json.loads(value)) == value and value[0] not in '"[{'
    except (ValueError, RecursionError):
        return False


def _conditions(connection: Connection, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.section is not None:
        conditions.append(section.c.name == wanted.section)
    if wanted.kind is not None:
        conditions.append(content.c.kind == wanted.kind)
    if wanted.field is not None:
        conditions.append(holds(connection, wanted.field))
    return conditions


def _position() -> ColumnElement[str]:
    return cast(member.c.section_id, Text).concat(".").concat(cast(member.c.key_id, Text))


def _after(text: str) -> tuple[int, int]:
    match = _POSITION.fullmatch(text)
    if match is None:
        raise Refused(400, "cursor: not one that this list gave", "leave it out to start at the beginning")
    return int(match[1]), int(match[2])
