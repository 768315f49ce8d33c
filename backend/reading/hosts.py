"""The hosts, and the sections of each, with how recent they are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from backend.errors import Refused
from backend.message import valid_agent, valid_section
from backend.page import Page, cut
from backend.store.schema import agent, content, member, section

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row


def list_hosts(connection: Connection, page: Page, now: int) -> dict[str, Any]:
    """Give a page of hosts, in the order of their agents' ids."""
    rows = select(agent).order_by(agent.c.id).limit(page.limit + 1)
    if page.after is not None:
        rows = rows.where(agent.c.id > page.after)
    kept, following = cut(connection.execute(rows).all(), page, "id")
    return {"hosts": _described(connection, kept, now), "next": following}


def one_host(connection: Connection, name: str, now: int) -> dict[str, Any]:
    """Give a host, with the evidence of its identity besides; Refused with 404 when it is not known."""
    row = known_agent(connection, name)
    return {**_described(connection, [row], now)[0], "evidence": json.loads(row.evidence)}


def list_sections(connection: Connection, name: str, now: int) -> dict[str, Any]:
    """Give the sections of a host by their names."""
    known_agent(connection, name)
    return {"sections": _sections(connection, [name], now).get(name, {})}


def known_agent(connection: Connection, name: str) -> Row[Any]:
    """Give an agent's row; Refused with 404 when there is none."""
    rows = select(agent).where(agent.c.id == name)
    row = connection.execute(rows).one_or_none() if valid_agent(name) else None
    if row is None:
        raise Refused(404, "no such host", "see GET /v1/hosts")
    return row


def known_section(connection: Connection, name: str, section_name: str) -> Row[Any]:
    """Give a section's row; Refused with 404 when there is no such host or section."""
    known_agent(connection, name)
    rows = select(section).where(section.c.agent == name, section.c.name == section_name)
    row = connection.execute(rows).one_or_none() if valid_section(section_name) else None
    if row is None:
        raise Refused(404, "no such section of this host", "see GET /v1/hosts/{agent}/sections")
    return row


def host_facts(connection: Connection, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Give the fields of each host's record of kind host."""
    rows = (
        select(section.c.agent, content.c.body)
        .join(member, member.c.section_id == section.c.id)
        .join(content, content.c.id == member.c.content_id)
        .where(section.c.agent.in_(names), section.c.name == "host", content.c.kind == "host")
    )
    return {row.agent: json.loads(row.body) for row in connection.execute(rows)}


def _described(connection: Connection, rows: Sequence[Row[Any]], now: int) -> list[dict[str, Any]]:
    names = [row.id for row in rows]
    sections, facts = _sections(connection, names, now), host_facts(connection, names)
    return [_host(row, facts.get(row.id, {}), sections.get(row.id, {})) for row in rows]


def _host(row: Row[Any], facts: dict[str, Any], sections: dict[str, Any]) -> dict[str, Any]:
    distribution = ("distribution", "distribution_version", "distribution_name")
    return {
        "agent": row.id,
        "hostname": facts.get("hostname"),
        **{name: facts.get(name) for name in distribution},
        "version": row.version,
        "enrolled_at": row.enrolled_at,
        "heartbeat_at": row.heartbeat_at,
        "cpu_seconds": row.cpu_seconds,
        "sections": sections,
    }


def _sections(connection: Connection, names: Sequence[str], now: int) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for row in connection.execute(select(section).where(section.c.agent.in_(names)).order_by(section.c.name)):
        found.setdefault(row.agent, {})[row.name] = _section(row, now)
    return found


def _section(row: Row[Any], now: int) -> dict[str, Any]:
    copied = ("count", "unconfirmed", "status", "taken_at", "received_at", "as_of", "epoch", "seq", "digest")
    return {
        **{name: getattr(row, name) for name in copied},
        "age_seconds": None if row.as_of is None else max(0, now - row.as_of),
        "last_attempt": None
        if row.attempted_at is None
        else {"status": row.attempt_status, "attempted_at": row.attempted_at, "error": row.error},
    }
