"""The ASGI application: its routes, its life from start to end, and errors as JSON."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backend.errors import Refused
from backend.ingest import Ingest
from backend.questions import Questions
from backend.report import forget_old
from backend.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from backend.store.database import Store

TIDYING = 3600
"""Seconds between two rounds of forgetting what is no longer needed."""


def make_app(store: Store) -> Starlette:
    """Give the application on an open store; it stays open when the application ends."""
    writer = Writer(store)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        writer.start()
        tidying = asyncio.create_task(_tidy(writer))
        yield
        tidying.cancel()
        await asyncio.to_thread(writer.close)

    handlers = {Refused: _refused, HTTPException: _http_error, ClientDisconnect: _gone, Exception: _failed}
    return Starlette(routes=routes(store, writer), lifespan=lifespan, exception_handlers=handlers)  # type: ignore[arg-type]


def routes(store: Store, writer: Writer) -> list[Route]:
    """Give every route; /openapi.json describes exactly these."""
    ingest, questions = Ingest(store, writer), Questions(store, writer)
    return [
        Route("/v1/agents", ingest.agents, methods=["POST"]),
        Route("/v1/reports", ingest.reports, methods=["POST"]),
        Route("/v1/heartbeat", ingest.heartbeat, methods=["POST"]),
        Route("/v1/hosts", questions.hosts),
        Route("/v1/hosts/{agent}", questions.host),
        Route("/v1/hosts/{agent}/sections", questions.sections),
        Route("/v1/hosts/{agent}/sections/{section}/records", questions.records),
        Route("/v1/records", questions.search),
        Route("/v1/hosts/{agent}/changes", questions.changes),
        Route("/openapi.json", questions.openapi),
        Route("/healthz", questions.healthz),
    ]


async def _tidy(writer: Writer) -> None:
    while True:
        with contextlib.suppress(Refused):  # a store that takes nothing now has been logged
            await writer.run(lambda turn: forget_old(turn.connection, int(time.time())))
        await asyncio.sleep(TIDYING)


async def _refused(_request: Request, refused: Refused) -> Response:
    return JSONResponse(refused.answer(), status_code=refused.status, headers=refused.headers())


async def _http_error(_request: Request, error: HTTPException) -> Response:
    answer = {"error": error.detail, "hint": "see /openapi.json"}
    return JSONResponse(answer, status_code=error.status_code, headers=error.headers)


async def _gone(_request: Request, _error: ClientDisconnect) -> Response:
    """Nobody is there to read this; the status is what a log shows."""
    return Response(status_code=400)


async def _failed(_request: Request, _error: Exception) -> Response:
    answer = {"error": "the backend failed", "hint": "its log says why; try again later"}
    return JSONResponse(answer, status_code=500)
