"""The endpoints: what each asks for and answers."""

from __future__ import annotations

from typing import Any

from backend.openapi.schemas import AGENT, NUMBER, SECTION, TEXT, reference
from backend.page import MOST, USUAL

_ERRORS = {
    400: "The request is malformed.",
    401: "There is no valid token.",
    403: "The token is for something else, or for another agent.",
    404: "There is no such host or section.",
    408: "The body came too slowly.",
    409: "The message does not follow what is here: send a snapshot.",
    413: "The body is too large: send smaller parts.",
    415: "The Content-Encoding is not supported: send gzip or identity.",
    422: "The message breaks the contract: sending it again does not help.",
    429: "Too many messages wait: try again after Retry-After seconds.",
    503: "The store does not accept writes now: try again after Retry-After seconds.",
}
_INGEST_ERRORS = (400, 401, 403, 408, 413, 422, 429, 503)


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _responses(good: int, description: str, schema: dict[str, Any], errors: tuple[int, ...]) -> dict[str, Any]:
    answers: dict[str, Any] = {str(good): {"description": description, "content": _json(schema)}}
    for status in errors:
        answers[str(status)] = {"description": _ERRORS[status], "content": _json(reference(_error_schema(status)))}
        if status in (429, 503):
            answers[str(status)]["headers"] = {"Retry-After": {"schema": NUMBER}}
    return answers


def _error_schema(status: int) -> str:
    return "Conflict" if status == 409 else "Error"


def _parameter(where: str, name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    required = where == "path"
    return {"in": where, "name": name, "schema": schema, "description": description, "required": required}


_AGENT = _parameter("path", "agent", AGENT, "Id of the host's agent.")
_SECTION = _parameter("path", "section", SECTION, "Name of the section.")
_PAGE = [
    _parameter("query", "limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}, "Most entries."),
    _parameter("query", "cursor", TEXT, "Value of next on the page before."),
]


def _question(name: str, summary: str, schema: str, *parameters: dict[str, Any]) -> dict[str, Any]:
    errors = (400, 401, 403, 404) if _AGENT in parameters else (400, 401, 403)
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "security": [{"read": []}],
            "parameters": list(parameters),
            "responses": _responses(200, "The answer.", reference(schema), errors),
        }
    }


def _open(name: str, summary: str, schema: dict[str, Any], errors: tuple[int, ...] = ()) -> dict[str, Any]:
    responses = _responses(200, "The answer.", schema, errors)
    return {"get": {"operationId": name, "summary": summary, "security": [], "responses": responses}}


_ENROL = {
    "operationId": "enrol",
    "summary": "Give an agent its own token.",
    "description": "An id can be enrolled again until its token is first used; then only after an operator's reset.",
    "security": [{"join": []}],
    "requestBody": {"required": True, "content": _json(reference("Enrolment"))},
    "responses": _responses(201, "Enrolled.", reference("Enrolled"), (*_INGEST_ERRORS, 409)),
}
_ENROL["responses"]["409"] = {"description": "The id is taken.", "content": _json(reference("Error"))}  # type: ignore[index]

_ENCODING = _parameter("header", "Content-Encoding", {"enum": ["gzip", "identity"]}, "How the body is compressed.")

_REPORT = {
    "operationId": "report",
    "summary": "Send a snapshot or a delta of a section, or a part of one.",
    "description": 'Lines: an Envelope, then {"put":RECORD,"volatile":FIELDS} and {"delete":KEY}, canonical JSON each. '
    "The parts of a message are applied together when the last one has come.",
    "security": [{"agent": []}],
    "parameters": [
        _ENCODING,
        _parameter("header", "Content-Digest", TEXT, "RFC 9530; sha-256 is compared."),
        _parameter("header", "Idempotency-Key", TEXT, "The same request with the same key gets the same answer."),
    ],
    "requestBody": {"required": True, "content": {"application/x-ndjson": {"schema": TEXT}}},
    "responses": _responses(
        200,
        "Durably kept: what the store has now, or which part was kept.",
        {"oneOf": [reference("Applied"), reference("Staged")]},
        (*_INGEST_ERRORS, 409, 415),
    ),
}

_HEARTBEAT = {
    "operationId": "heartbeat",
    "summary": "Say how the agent and its sections are.",
    "security": [{"agent": []}],
    "parameters": [_ENCODING],
    "requestBody": {"required": True, "content": _json(reference("Heartbeat"))},
    "responses": _responses(
        200, "Kept; the sections to send as snapshots.", reference("Resend"), (*_INGEST_ERRORS, 415)
    ),
}

PATHS: dict[str, Any] = {
    "/v1/agents": {"post": _ENROL},
    "/v1/reports": {"post": _REPORT},
    "/v1/heartbeat": {"post": _HEARTBEAT},
    "/v1/hosts": _question("hosts", "List the hosts.", "Hosts", *_PAGE),
    "/v1/hosts/{agent}": _question("host", "Describe a host.", "Host", _AGENT),
    "/v1/hosts/{agent}/sections": _question("sections", "List a host's sections.", "Sections", _AGENT),
    "/v1/hosts/{agent}/sections/{section}/records": _question(
        "records",
        "List the records of a section.",
        "Records",
        _AGENT,
        _SECTION,
        _parameter("query", "kind", TEXT, "Only records of this kind."),
        *_PAGE,
    ),
    "/v1/records": _question(
        "search",
        "List the records of all hosts that say something: /v1/records?kind=file&where=verdict=contradicts",
        "Found",
        _parameter("query", "section", SECTION, "Only records of this section."),
        _parameter("query", "kind", TEXT, "Only records of this kind."),
        _parameter("query", "where", TEXT, "Only records with this field, NAME=VALUE; not one that is volatile."),
        *_PAGE,
    ),
    "/v1/hosts/{agent}/changes": _question(
        "changes",
        "List what appeared, changed and vanished, oldest first.",
        "Changes",
        _AGENT,
        _parameter("query", "section", SECTION, "Only changes of this section."),
        _parameter("query", "since", NUMBER, "Only changes received at or after this time, seconds since 1970."),
        *_PAGE,
    ),
    "/openapi.json": _open("openapi", "This description.", {"type": "object"}),
    "/healthz": _open("healthz", "Whether the backend works.", reference("Health"), (503,)),
}
