"""The endpoints that agents speak to: enrolment, reports and heartbeats."""

from __future__ import annotations

import json
import time
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from agent.model.envelope import SCHEMA
from backend.auth import AGENT, JOIN, Principal, authorise, enrol
from backend.body import LARGEST_PART, check_digest, checked_encoding, decompress, read_body
from backend.errors import Refused
from backend.heartbeat import LARGEST_HEARTBEAT, Beat, checked_heartbeat, take_heartbeat
from backend.message import valid_agent
from backend.report import Part, take_report

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from backend.store.database import Store
    from backend.store.writer import Turn, Writer

LARGEST_ENROLMENT = 16 * 1024
"""Bytes of an enrolment's body."""

LONGEST_KEY = 200
"""Characters of an Idempotency-Key."""


class Ingest(NamedTuple):
    """The endpoints, given the store that they write to."""

    store: Store
    writer: Writer

    async def agents(self, request: Request) -> Response:
        """POST /v1/agents: give an agent its own token."""
        await self._sender(request, JOIN)
        body = await read_body(request, LARGEST_ENROLMENT)
        name, evidence = _enrolment(body)
        text = await self._write(lambda turn: enrol(turn.connection, name, evidence, _now()))
        return JSONResponse({"token": text}, status_code=201)

    async def reports(self, request: Request) -> Response:
        """POST /v1/reports: take a part of a message in."""
        sender = await self._sender(request, AGENT)
        gzip = checked_encoding(request.headers.get("content-encoding"))
        key = request.headers.get("idempotency-key")
        if key is not None and not 1 <= len(key) <= LONGEST_KEY:
            raise Refused(400, f"Idempotency-Key: expected 1 to {LONGEST_KEY} characters", "shorten it")
        self.writer.admit()
        try:
            body = await read_body(request, LARGEST_PART)
            check_digest(request.headers.get("content-digest"), body)
            part = Part(sender, body, gzip, key, _now())
            return JSONResponse(await self.writer.run(partial(take_report, part, self.store.bulk)))
        finally:
            self.writer.leave()

    async def heartbeat(self, request: Request) -> Response:
        """POST /v1/heartbeat: take a heartbeat in."""
        sender = await self._sender(request, AGENT)
        gzip = checked_encoding(request.headers.get("content-encoding"))
        body = await read_body(request, LARGEST_HEARTBEAT)
        beat = Beat(sender, checked_heartbeat(decompress(body) if gzip else body), _now())
        return JSONResponse(await self._write(partial(take_heartbeat, beat)))

    async def _sender(self, request: Request, purpose: str) -> Principal:
        return await run_in_threadpool(self._authorised, request.headers.get("authorization"), purpose)

    def _authorised(self, header: str | None, purpose: str) -> Principal:
        with self.store.read.connect() as connection:
            return authorise(connection, header, purpose)

    async def _write(self, job: Callable[[Turn], Any]) -> Any:
        self.writer.admit()
        try:
            return await self.writer.run(job)
        finally:
            self.writer.leave()


def _enrolment(body: bytes) -> tuple[str, dict[str, Any]]:
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict) or fields.get("schema") != SCHEMA:
        raise Refused(400, f"the body is not an enrolment of schema {SCHEMA}", "see Enrolment in /openapi.json")
    name, evidence = fields.get("agent"), fields.get("evidence")
    if not isinstance(name, str) or not valid_agent(name) or not isinstance(evidence, dict):
        raise Refused(422, "agent is not an id, or evidence is not an object", "see Enrolment in /openapi.json")
    return name, evidence


def _now() -> int:
    return int(time.time())
