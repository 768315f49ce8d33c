"""The messages of the delivery contract, as both sides write and read them.

POST /v1/agents      enrol: the join token as bearer, {"schema", "agent", "evidence"}; answer {"token"}
POST /v1/reports     gzip NDJSON: an envelope line, then put and delete lines
POST /v1/heartbeat   one JSON object; the answer may name sections to resend
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from agent.model.codec import Line, dumps

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")

SCHEMA = 1
SNAPSHOT = "snapshot"
DELTA = "delta"

PUT_START = b'{"put":'
PUT_VOLATILE = b',"volatile":'
DELETE_START = b'{"delete":'


@dataclass(frozen=True)
class Envelope:
    """The first line of every part of a report.

    schema: Version of the contract.
    agent: Id of the agent.
    section: Name of the section.
    epoch: Random name of an unbroken run of sequence numbers; a new one starts with a snapshot.
    seq: Number of this message in its epoch, one more than that of the message before.
    base_seq: For a delta the seq that it changes; null for a snapshot.
    type: snapshot or delta.
    part: Number of this part, from 1.
    parts: Number of parts of the message.
    status: Status of the collection: complete or partial.
    hides: The distinct Gap.hides of the section's gaps: what absence does not prove.
    taken_at: When the records were collected, seconds since 1970.
    count: Number of records of the section after this message.
    digest: Set digest of the section after this message.
    """

    schema: int
    agent: str
    section: str
    epoch: str
    seq: int
    base_seq: int | None
    type: str
    part: int
    parts: int
    status: str
    hides: tuple[str | None, ...]
    taken_at: int
    count: int
    digest: str


@dataclass(frozen=True)
class SectionState:
    """What a heartbeat says of a section.

    status: Status of the last attempt.
    attempted_at: When that attempt began, seconds since 1970.
    epoch: Epoch of the last acknowledged message; null before the first.
    seq: Seq of the last acknowledged message; null before the first.
    digest: Set digest of the last acknowledged snapshot; null before the first.
    error: Why the last attempt gave no snapshot, one line; null when it gave one.
    """

    status: str
    attempted_at: int
    epoch: str | None
    seq: int | None
    digest: str | None
    error: str | None


@dataclass(frozen=True)
class Heartbeat:
    """What an agent says when it has nothing else to say.

    schema: Version of the contract.
    agent: Id of the agent.
    sent_at: When it was sent, seconds since 1970.
    version: Version of the agent.
    sections: State of each enabled section by its name.
    cpu_seconds: Processor seconds that the agent and its workers used since the daemon started.
    """

    schema: int
    agent: str
    sent_at: int
    version: str
    sections: Mapping[str, SectionState]
    cpu_seconds: int


def write_envelope(envelope: Envelope) -> bytes:
    """Give the envelope as a line."""
    return dumps(asdict(envelope)) + b"\n"


def read_envelope(line: bytes) -> Envelope:
    """Read an envelope; ValueError, naming what is wrong, for anything else."""
    fields = _object(line, "envelope")
    fields["hides"] = tuple(_typed(fields, "hides", list))
    envelope = _build(Envelope, fields)
    for name in ("agent", "section", "epoch", "type", "status", "digest"):
        _typed(fields, name, str)
    for name in ("schema", "seq", "part", "parts", "taken_at", "count"):
        _typed(fields, name, int)
    if envelope.type not in (SNAPSHOT, DELTA):
        raise ValueError(f"envelope: type: expected snapshot or delta, found {envelope.type!r}")
    if (envelope.base_seq is None) != (envelope.type == SNAPSHOT):
        raise ValueError("envelope: base_seq: expected a number for a delta and null for a snapshot")
    if not 1 <= envelope.part <= envelope.parts:
        raise ValueError(f"envelope: part {envelope.part} of {envelope.parts}")
    return envelope


def write_put(line: Line) -> bytes:
    """Give the line that puts a record."""
    return b"%b%b%b%b}\n" % (PUT_START, line.stable, PUT_VOLATILE, line.volatile)


def write_delete(key_json: bytes) -> bytes:
    """Give the line that deletes the record of a key."""
    return b"%b%b}\n" % (DELETE_START, key_json)


def write_heartbeat(heartbeat: Heartbeat) -> bytes:
    """Give a heartbeat as JSON."""
    return dumps(asdict(heartbeat))


def read_heartbeat(body: bytes) -> Heartbeat:
    """Read a heartbeat; ValueError, naming what is wrong, for anything else."""
    fields = _object(body, "heartbeat")
    sections = _typed(fields, "sections", dict)
    fields["sections"] = {name: _build(SectionState, state) for name, state in sections.items()}
    heartbeat = _build(Heartbeat, fields)
    _typed(fields, "agent", str)
    return heartbeat


def _object(text: bytes, what: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ValueError(f"{what}: expected JSON: {error}") from None
    if not isinstance(value, dict):
        raise ValueError(f"{what}: expected an object")
    if value.get("schema") != SCHEMA:
        raise ValueError(f"{what}: schema: expected {SCHEMA}, found {value.get('schema')!r}")
    return value


def _typed(fields: Mapping[str, Any], name: str, kind: type) -> Any:
    value = fields.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ValueError(f"{name}: expected {kind.__name__}, found {value!r}")
    return value


def _build(kind: type[T], fields: Any) -> T:
    try:
        return kind(**fields)
    except TypeError as error:
        raise ValueError(f"{kind.__name__.lower()}: {error}") from None
