"""Tokens and enrolment: who may speak, for whom, and how an agent comes to its own token.

Only the SHA-256 of a token is stored; the tokens made here have 256 random bits, which needs no slower hash.
"""

from __future__ import annotations

import json
import secrets
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, insert, select, update

from backend.errors import Misused, Refused
from backend.store.schema import agent, token

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, Row

JOIN = "join"
READ = "read"
AGENT = "agent"
SHORTEST = 16
"""Characters that a token chosen by an operator must have at least."""


class Principal(NamedTuple):
    """Whoever holds a token.

    purpose: What the token is for: join, read or agent.
    agent: For an agent's token, whose it is.
    enrolment_open: For an agent's token, whether its id can still be enrolled again.
    """

    purpose: str
    agent: str | None
    enrolment_open: bool


def authorise(connection: Connection, header: str | None, purpose: str) -> Principal:
    """Give the holder of a bearer token; Refused with 401 without a valid one, 403 when it is for something else."""
    scheme, _, text = (header or "").partition(" ")
    found = _principal(connection, text.strip()) if scheme.lower() == "bearer" else None
    if found is None:
        raise Refused(401, "there is no valid bearer token", f"send Authorization: Bearer with a {purpose} token")
    if found.purpose != purpose:
        raise Refused(403, f"this needs a {purpose} token", f"the token given is a {found.purpose} token")
    return found


def enrol(connection: Connection, name: str, evidence: Mapping[str, Any], now: int) -> str:
    """Enrol an agent and give its token; Refused with 409 when the id belongs to another.

    An id can be enrolled again until its token is used for the first time, so that an answer that was lost
    does no harm. From then on it is taken: whoever else holds a join token cannot have it, unless an operator
    opens it with `stocktake-backend agent reset`.
    """
    known = connection.execute(select(agent.c.enrolment_open).where(agent.c.id == name).with_for_update()).scalar()
    if known is False:
        raise Refused(409, "the agent's id is taken", "run `stocktake-backend agent reset ID`, or use a new id")
    fields = {"enrolled_at": now, "enrolment_open": True, "evidence": json.dumps(evidence)}
    if known is None:
        connection.execute(insert(agent).values(id=name, **fields))
    else:
        revoke_agent_tokens(connection, name, now)
        connection.execute(update(agent).where(agent.c.id == name).values(fields))
    return create_token(connection, AGENT, now, name)


def close_enrolment(connection: Connection, principal: Principal) -> None:
    """Note that an agent has its token: from now on nobody else gets one for its id."""
    if principal.enrolment_open:
        connection.execute(update(agent).where(agent.c.id == principal.agent).values(enrolment_open=False))


def create_token(connection: Connection, purpose: str, now: int, name: str | None = None) -> str:
    """Make a token; it cannot be shown again."""
    text = f"st-{purpose}-{secrets.token_urlsafe(32)}"
    connection.execute(insert(token).values(sha256=_hash(text), purpose=purpose, agent=name, created_at=now))
    return text


def preset_token(connection: Connection, purpose: str, text: str, now: int) -> None:
    """Accept a token that the operator chose; Misused when it is too short, was revoked or is for something else."""
    if len(text) < SHORTEST or not text.isascii() or " " in text or not text.isprintable():
        raise Misused(f"the preset {purpose} token: expected at least {SHORTEST} printable characters without spaces")
    found = connection.execute(select(token).where(token.c.sha256 == _hash(text))).one_or_none()
    if found is None:
        connection.execute(insert(token).values(sha256=_hash(text), purpose=purpose, created_at=now))
    elif found.purpose != purpose or found.revoked_at is not None:
        raise Misused(f"the preset {purpose} token: it was revoked or is a {found.purpose} token: choose another")


def list_tokens(connection: Connection) -> Sequence[Row[Any]]:
    """Give every token's row; none holds the token itself."""
    columns = (token.c.id, token.c.purpose, token.c.agent, token.c.created_at, token.c.revoked_at)
    return connection.execute(select(*columns).order_by(token.c.id)).all()


def revoke_token(connection: Connection, token_id: int, now: int) -> None:
    """End a token for good; Misused when there is none of that id."""
    rows = update(token).where(token.c.id == token_id, token.c.revoked_at.is_(None)).values(revoked_at=now)
    if connection.execute(rows).rowcount == 0:
        raise Misused(f"token {token_id}: there is no such valid token: see `stocktake-backend token list`")


def reset_agent(connection: Connection, name: str, now: int) -> None:
    """Let an agent's id be enrolled again, and end its tokens; what is known of its host stays."""
    rows = update(agent).where(agent.c.id == name).values(enrolment_open=True)
    if connection.execute(rows).rowcount == 0:
        raise Misused(f"agent {name}: there is no such agent: see GET /v1/hosts")
    revoke_agent_tokens(connection, name, now)


def revoke_agent_tokens(connection: Connection, name: str, now: int) -> None:
    """End every token of an agent."""
    connection.execute(update(token).where(token.c.agent == name, token.c.revoked_at.is_(None)).values(revoked_at=now))


def _principal(connection: Connection, text: str) -> Principal | None:
    """Find a token by its hash: the time that takes tells nothing of the token."""
    row = connection.execute(_HOLDER, {"of_sha256": _hash(text)}).one_or_none()
    return Principal(row.purpose, row.agent, bool(row.enrolment_open)) if row else None


_HOLDER = (
    select(token.c.purpose, token.c.agent, agent.c.enrolment_open)
    .outerjoin(agent, agent.c.id == token.c.agent)
    .where(token.c.sha256 == bindparam("of_sha256"), token.c.revoked_at.is_(None))
)


def _hash(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogateescape")).digest()
