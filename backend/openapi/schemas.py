"""The objects that travel, as JSON Schema."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from agent.model.envelope import DELTA, SNAPSHOT, Envelope
from agent.model.status import SNAPSHOT_STATUSES, STATUSES
from backend.history import APPEARED, BASELINE, CHANGED, VANISHED
from backend.message import LARGEST_NUMBER, MOST_PARTS
from backend.sections import MOST_SECTIONS

TEXT = {"type": "string"}
TEXT_OR_NULL = {"type": ["string", "null"]}
NUMBER = {"type": "integer", "minimum": 0, "maximum": LARGEST_NUMBER}
NUMBER_OR_NULL = {"type": ["integer", "null"], "minimum": 0, "maximum": LARGEST_NUMBER}
TIME = {**NUMBER, "description": "Seconds since 1970."}
TIME_OR_NULL = {**NUMBER_OR_NULL, "description": "Seconds since 1970."}
AGENT = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$"}
SECTION = {"type": "string", "pattern": "^[a-z][a-z0-9_-]{0,63}$"}
DIGEST = {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "Sum modulo 2^256 of the records' SHA-256."}
RECORD_FIELDS = {"type": "object", "description": "The record's fields; see the table of records in the README."}


def reference(name: str) -> dict[str, str]:
    """Point to a schema of this description."""
    return {"$ref": f"#/components/schemas/{name}"}


def record(properties: dict[str, Any], *optional: str) -> dict[str, Any]:
    """Describe an object that has all of these members but the optional ones."""
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
    }


def page_of(name: str, schema: str) -> dict[str, Any]:
    """Describe a page of a list."""
    following = {**TEXT_OR_NULL, "description": "Cursor of the next page; null at the end."}
    return record({name: {"type": "array", "items": reference(schema)}, "next": following})


_ENVELOPE = {
    "schema": {"const": 1},
    "agent": AGENT,
    "section": SECTION,
    "epoch": {"type": "string", "pattern": "^[A-Za-z0-9._:-]{1,128}$"},
    "seq": NUMBER,
    "base_seq": NUMBER_OR_NULL,
    "type": {"enum": [SNAPSHOT, DELTA]},
    "part": {"type": "integer", "minimum": 1, "maximum": MOST_PARTS},
    "parts": {"type": "integer", "minimum": 1, "maximum": MOST_PARTS},
    "status": {"enum": list(SNAPSHOT_STATUSES)},
    "hides": {"type": "array", "items": TEXT_OR_NULL},
    "taken_at": TIME,
    "count": NUMBER,
    "digest": DIGEST,
}

_HAVE = record({"epoch": TEXT, "seq": NUMBER, "digest": DIGEST})

_SECTION_STATE = record(
    {
        "status": {"enum": list(STATUSES)},
        "attempted_at": TIME,
        "epoch": TEXT_OR_NULL,
        "seq": NUMBER_OR_NULL,
        "digest": TEXT_OR_NULL,
        "error": TEXT_OR_NULL,
    }
)

_SECTION = record(
    {
        "count": {**NUMBER, "description": "Confirmed records."},
        "unconfirmed": {**NUMBER, "description": "Records that a gap may hide since they were last seen."},
        "status": TEXT_OR_NULL,
        "taken_at": TIME_OR_NULL,
        "received_at": TIME_OR_NULL,
        "as_of": {**TIME_OR_NULL, "description": "When the records were last known to hold, seconds since 1970."},
        "epoch": TEXT_OR_NULL,
        "seq": NUMBER_OR_NULL,
        "digest": TEXT_OR_NULL,
        "age_seconds": {**NUMBER_OR_NULL, "description": "Seconds since as_of."},
        "last_attempt": {"oneOf": [reference("Attempt"), {"type": "null"}]},
    }
)

_HOST = record(
    {
        "agent": AGENT,
        "hostname": TEXT_OR_NULL,
        "distribution": TEXT_OR_NULL,
        "distribution_version": TEXT_OR_NULL,
        "distribution_name": TEXT_OR_NULL,
        "version": {**TEXT_OR_NULL, "description": "Version of the agent."},
        "enrolled_at": TIME,
        "heartbeat_at": TIME_OR_NULL,
        "cpu_seconds": NUMBER_OR_NULL,
        "sections": {"type": "object", "additionalProperties": reference("Section")},
        "evidence": {"type": "object", "description": "Evidence of the host's identity; of a single host only."},
    },
    "evidence",
)

_CHANGE = record(
    {
        "section": SECTION,
        "action": {"enum": [BASELINE, APPEARED, CHANGED, VANISHED]},
        "key": TEXT_OR_NULL,
        "before": {"type": ["object", "null"]},
        "after": {"type": ["object", "null"]},
        "count": {**NUMBER_OR_NULL, "description": "Of a baseline: the number of its records."},
        "taken_at": TIME,
        "received_at": TIME,
    }
)

_RECORD = {
    "kind": TEXT,
    "key": TEXT,
    "fields": RECORD_FIELDS,
    "confirmed": {"type": "boolean"},
    "last_seen": {**TIME_OR_NULL, "description": "When the record was last known to hold, seconds since 1970."},
}

SCHEMAS: dict[str, Any] = {
    "Error": record({"error": TEXT, "hint": TEXT}),
    "Conflict": record({"error": TEXT, "hint": TEXT, "have": {"oneOf": [reference("Have"), {"type": "null"}]}}),
    "Have": _HAVE,
    "Enrolment": record({"schema": {"const": 1}, "agent": AGENT, "evidence": {"type": "object"}}),
    "Enrolled": record({"token": TEXT}),
    "Envelope": record({field.name: _ENVELOPE[field.name] for field in fields(Envelope)}),
    "Applied": record({"have": reference("Have")}),
    "Staged": record({"staged": {**NUMBER, "description": "Number of the part that was kept."}}),
    "SectionState": _SECTION_STATE,
    "Heartbeat": record(
        {
            "schema": {"const": 1},
            "agent": AGENT,
            "sent_at": TIME,
            "version": TEXT,
            "sections": {
                "type": "object",
                "maxProperties": MOST_SECTIONS,
                "propertyNames": SECTION,
                "additionalProperties": reference("SectionState"),
            },
            "cpu_seconds": NUMBER,
        }
    ),
    "Resend": record({"resend": {"type": "array", "items": SECTION}}),
    "Attempt": record({"status": {"enum": list(STATUSES)}, "attempted_at": TIME, "error": TEXT_OR_NULL}),
    "Section": _SECTION,
    "Sections": record({"sections": {"type": "object", "additionalProperties": reference("Section")}}),
    "Host": _HOST,
    "Hosts": page_of("hosts", "Host"),
    "Record": record(_RECORD),
    "Records": page_of("records", "Record"),
    "FoundRecord": record({"agent": AGENT, "hostname": TEXT_OR_NULL, "section": SECTION, **_RECORD}),
    "Found": page_of("records", "FoundRecord"),
    "Change": _CHANGE,
    "Changes": page_of("changes", "Change"),
    "Health": record({"status": {"const": "ok"}}),
}
