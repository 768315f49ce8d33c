"""The endpoints that people and programs read from."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from backend.auth import READ, authorise
from backend.canonical import valid_kind
from backend.errors import Refused
from backend.message import LARGEST_NUMBER, valid_section
from backend.openapi import describe
from backend.page import asked_number, asked_page
from backend.reading.hosts import list_hosts, list_sections, one_host
from backend.reading.records import Since, list_changes, list_records
from backend.reading.search import Wanted, asked_field, search_records

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection
    from starlette.requests import Request

    from backend.store.database import Store
    from backend.store.writer import Writer


class Questions(NamedTuple):
    """The endpoints, given the store that they read."""

    store: Store
    writer: Writer

    async def hosts(self, request: Request) -> Response:
        """GET /v1/hosts: the hosts, page by page."""
        return await self._answer(request, lambda connection: list_hosts(connection, _page(request, str), _now()))

    async def host(self, request: Request) -> Response:
        """GET /v1/hosts/{agent}: one host."""
        return await self._answer(request, lambda connection: one_host(connection, _agent(request), _now()))

    async def sections(self, request: Request) -> Response:
        """GET /v1/hosts/{agent}/sections: its sections."""
        return await self._answer(request, lambda connection: list_sections(connection, _agent(request), _now()))

    async def records(self, request: Request) -> Response:
        """GET /v1/hosts/{agent}/sections/{section}/records: the records of one, page by page."""
        section, kind = request.path_params["section"], _kind(request)
        return await self._answer(
            request, lambda connection: list_records(connection, _agent(request), section, kind, _page(request, int))
        )

    async def search(self, request: Request) -> Response:
        """GET /v1/records: the records of all hosts that say something, page by page."""
        return await self._answer(
            request, lambda connection: search_records(connection, _wanted(request), _page(request, str))
        )

    async def changes(self, request: Request) -> Response:
        """GET /v1/hosts/{agent}/changes: what appeared, changed and vanished, page by page."""
        return await self._answer(
            request, lambda connection: list_changes(connection, _agent(request), _since(request), _page(request, int))
        )

    async def openapi(self, _request: Request) -> Response:
        """GET /openapi.json: the description of this interface."""
        return JSONResponse(describe())

    async def healthz(self, _request: Request) -> Response:
        """GET /healthz: whether the store can be read and the writer takes messages."""
        await run_in_threadpool(self._read, lambda connection: connection.execute(select(1)).scalar())
        if not self.writer.alive:
            raise Refused(503, "the writer has ended", "restart the backend")
        return JSONResponse({"status": "ok"})

    async def _answer(self, request: Request, question: Callable[[Connection], dict[str, Any]]) -> Response:
        def answer(connection: Connection) -> dict[str, Any]:
            authorise(connection, request.headers.get("authorization"), READ)
            return question(connection)

        return JSONResponse(await run_in_threadpool(self._read, answer))

    def _read(self, question: Callable[[Connection], Any]) -> Any:
        with self.store.read.connect() as connection:
            return question(connection)


def _agent(request: Request) -> str:
    return str(request.path_params["agent"])


def _page(request: Request, position: type) -> Any:
    return asked_page(request.query_params, position)


def _kind(request: Request) -> str | None:
    kind = request.query_params.get("kind")
    if kind is not None and not valid_kind(kind):
        raise Refused(400, "kind: expected the name of a kind of record", "correct it, or leave it out")
    return kind


def _wanted(request: Request) -> Wanted:
    section = request.query_params.get("section")
    if section is not None and not valid_section(section):
        raise Refused(400, "section: expected the name of a section", "correct it, or leave it out")
    return Wanted(section, _kind(request), asked_field(request.query_params.get("where")))


def _since(request: Request) -> Since:
    received_at = asked_number(request.query_params, "since", 0, least=0, most=LARGEST_NUMBER)
    return Since(request.query_params.get("section"), received_at)


def _now() -> int:
    return int(time.time())
