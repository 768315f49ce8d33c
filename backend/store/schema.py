"""The tables, the same in SQLite and PostgreSQL.

A record's canonical bytes are stored once, however many hosts have it; a section's members point to them.
Times are whole seconds since 1970.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

VERSION = 1
"""Version of this schema; a store of another version is refused, not guessed at."""

_ID = BigInteger().with_variant(Integer, "sqlite")
_TIME = BigInteger

METADATA = MetaData()

# version: VERSION of the backend that made the store.
schema_version = Table("schema_version", METADATA, Column("version", Integer, primary_key=True, autoincrement=False))

# enrolment_open: whether a join token may enrol this id (again); evidence: what the agent said of its identity, JSON.
agent = Table(
    "agent",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("enrolled_at", _TIME, nullable=False),
    Column("enrolment_open", Boolean, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("version", Text),
    Column("heartbeat_at", _TIME),
    Column("cpu_seconds", _TIME),
)

# purpose: join, read or agent; agent: for the latter, whose it is. The token itself is not stored.
token = Table(
    "token",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("sha256", LargeBinary, nullable=False, unique=True),
    Column("purpose", Text, nullable=False),
    Column("agent", Text, ForeignKey("agent.id")),
    Column("created_at", _TIME, nullable=False),
    Column("revoked_at", _TIME),
    Index("token_of_agent", "agent"),
)

# epoch to received_at: the last message applied, null before the first; as_of: when the set was last known to hold;
# attempt_status, attempted_at, error: the last attempt at collecting, as a heartbeat told it.
section = Table(
    "section",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("agent", Text, ForeignKey("agent.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("epoch", Text),
    Column("seq", _TIME),
    Column("digest", Text),
    Column("count", Integer, nullable=False),
    Column("unconfirmed", Integer, nullable=False),
    Column("status", Text),
    Column("taken_at", _TIME),
    Column("received_at", _TIME),
    Column("as_of", _TIME),
    Column("attempt_status", Text),
    Column("attempted_at", _TIME),
    Column("error", Text),
    UniqueConstraint("agent", "name"),
)

# Keys can be longer than a B-tree's entry may be, so that their hash is what is unique.
record_key = Table(
    "record_key",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("sha256", LargeBinary, nullable=False, unique=True),
    Column("key", LargeBinary, nullable=False),
)

# body: the canonical JSON of a record without its volatile fields; sha256 is of it.
content = Table(
    "content",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("sha256", LargeBinary, nullable=False, unique=True),
    Column("key_id", _ID, ForeignKey("record_key.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

# volatile: canonical JSON, null for none; last_seen: null while confirmed, else when the record was last seen.
# No foreign keys: a thousand rows a message are checked by the code that has just looked them up.
member = Table(
    "member",
    METADATA,
    Column("section_id", _ID, primary_key=True, autoincrement=False),
    Column("key_id", _ID, primary_key=True, autoincrement=False),
    Column("content_id", _ID, nullable=False),
    Column("volatile", LargeBinary),
    Column("last_seen", _TIME),
    sqlite_with_rowid=False,
)

# action: baseline (count records at once), appeared, changed or vanished.
change = Table(
    "change",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("section_id", _ID, nullable=False),
    Column("action", Text, nullable=False),
    Column("key_id", _ID),
    Column("before_id", _ID),
    Column("after_id", _ID),
    Column("count", Integer),
    Column("taken_at", _TIME, nullable=False),
    Column("received_at", _TIME, nullable=False),
    Index("change_of_section", "section_id", "id"),
)

# Parts of a message that is not complete, as they came: at most one message of a section.
staged = Table(
    "staged",
    METADATA,
    Column("section_id", _ID, primary_key=True, autoincrement=False),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("parts", Integer, nullable=False),
    Column("epoch", Text, nullable=False),
    Column("seq", _TIME, nullable=False),
    Column("gzip", Boolean, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("received_at", _TIME, nullable=False),
)

# The answers that were given, for requests that come again; body_sha256 tells a repetition from a reused key.
answered = Table(
    "answered",
    METADATA,
    Column("agent", Text, primary_key=True),
    Column("idempotency_key", Text, primary_key=True),
    Column("body_sha256", LargeBinary, nullable=False),
    Column("answer", Text, nullable=False),
    Column("received_at", _TIME, nullable=False),
    Index("answered_by_age", "received_at"),
)
