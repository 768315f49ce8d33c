"""Takes a report into the store: repeated requests, parts that wait for others, then the whole message."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, delete, insert, or_, select

from backend.apply import Target, apply, is_applied
from backend.auth import Principal, close_enrolment
from backend.body import decompress
from backend.errors import Refused
from backend.message import Message, join_parts, read_message
from backend.sections import Section, locked_section
from backend.store.schema import answered, staged

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from backend.store.bulk import Bulk
    from backend.store.writer import Turn

LARGEST_MESSAGE = 256 * 1024 * 1024
"""Bytes of all parts of a message together, decompressed; some 400,000 watched files, for which this process takes 1 GiB."""

KEPT = 86400
"""Seconds for which answers and lone parts are kept."""


class Part(NamedTuple):
    """A request to POST /v1/reports.

    sender: Whose token it came with.
    body: Body as it was sent.
    gzip: Whether the body is compressed.
    idempotency_key: Header of that name; None without.
    received_at: Seconds since 1970.
    """

    sender: Principal
    body: bytes
    gzip: bool
    idempotency_key: str | None
    received_at: int


def take_report(part: Part, bulk: Bulk, turn: Turn) -> dict[str, Any]:
    """Stage or apply a part and give the answer; the same request again gets the same answer and changes nothing.

    A part that was staged is staged again when it is repeated: it may have been dropped for another message since.
    """
    earlier = _earlier_answer(turn.connection, part)
    if earlier is not None and earlier.body_sha256 == sha256(part.body).digest():
        return _answer(earlier)
    message = read_message(decompress(part.body) if part.gzip else part.body)
    if message.envelope.agent != part.sender.agent:
        raise Refused(403, "an agent reports for itself alone", "send the token of the agent that the envelope names")
    close_enrolment(turn.connection, part.sender)
    answer = _take(part, message, Target(turn.connection, bulk, turn.contents, part.received_at))
    if part.idempotency_key is not None and "have" in answer:
        _remember_answer(turn.connection, part, answer, again=earlier is not None)
    return answer


def forget_old(connection: Connection, now: int) -> None:
    """Drop answers that nobody asks for again and parts whose message was given up."""
    connection.execute(delete(answered).where(answered.c.received_at < now - KEPT))
    connection.execute(delete(staged).where(staged.c.received_at < now - KEPT))


def _take(part: Part, message: Message, target: Target) -> dict[str, Any]:
    envelope = message.envelope
    section = locked_section(target.connection, envelope.agent, envelope.section)
    if is_applied(section, envelope):
        return {"have": section.have}
    if envelope.parts == 1:
        whole = message
    else:
        _stage(target.connection, section, part, message)
        staged_parts = _staged_parts(target.connection, section)
        if len(staged_parts) < envelope.parts:
            return {"staged": envelope.part}
        whole = join_parts(staged_parts)
    have = apply(target, section, whole)
    if envelope.parts > 1:
        target.connection.execute(delete(staged).where(staged.c.section_id == section.id))
    return {"have": have}


def _stage(connection: Connection, section: Section, part: Part, message: Message) -> None:
    """Keep a part as it came; parts of any other message of the section are given up."""
    envelope = message.envelope
    row = staged.c
    others = or_(row.epoch != envelope.epoch, row.seq != envelope.seq, row.parts != envelope.parts)
    same = row.part == envelope.part
    connection.execute(delete(staged).where(row.section_id == section.id, or_(others, same)))
    values = {
        "section_id": section.id,
        "part": envelope.part,
        "parts": envelope.parts,
        "epoch": envelope.epoch,
        "seq": envelope.seq,
        "gzip": part.gzip,
        "body": part.body,
        "received_at": part.received_at,
    }
    connection.execute(insert(staged).values(values))


def _staged_parts(connection: Connection, section: Section) -> list[Message]:
    """Read the parts that are there, if they are all; otherwise only count them."""
    rows = select(staged.c.gzip, staged.c.body, staged.c.parts).where(staged.c.section_id == section.id)
    found = connection.execute(rows.order_by(staged.c.part)).all()
    if len(found) < found[0].parts:
        return []
    messages, size = [], 0
    for row in found:
        plain = decompress(row.body) if row.gzip else row.body
        size += len(plain)
        if size > LARGEST_MESSAGE:
            raise Refused(422, f"the message is larger than {LARGEST_MESSAGE} bytes", "report less in this section")
        messages.append(read_message(plain))
    return messages


def _earlier_answer(connection: Connection, part: Part) -> Row[Any] | None:
    """Find what was answered to this key; with another body it is no repetition, but a message cut into other parts."""
    if part.idempotency_key is None:
        return None
    which = {"of_agent": part.sender.agent, "of_key": part.idempotency_key}
    return connection.execute(_ANSWERED, which).one_or_none()


def _answer(earlier: Row[Any]) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(earlier.answer)
    return answer


def _remember_answer(connection: Connection, part: Part, answer: dict[str, Any], *, again: bool) -> None:
    row = {"agent": part.sender.agent, "idempotency_key": part.idempotency_key}
    if again:
        connection.execute(delete(answered).filter_by(**row))
    fields = {"body_sha256": sha256(part.body).digest(), "answer": json.dumps(answer), "received_at": part.received_at}
    connection.execute(_REMEMBER, {**row, **fields})


_ANSWERED = select(answered.c.body_sha256, answered.c.answer).where(
    answered.c.agent == bindparam("of_agent"), answered.c.idempotency_key == bindparam("of_key")
)
_REMEMBER = insert(answered)
