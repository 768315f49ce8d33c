"""The one thread that writes: it takes waiting jobs together into a transaction and answers after its commit."""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy.exc import OperationalError

from backend.errors import Refused
from backend.store.contents import Contents

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from backend.store.database import Store

_LOG = logging.getLogger("stocktake-backend")

MOST_IN_GROUP = 32
"""Jobs of one transaction: enough to share the cost of a commit, few enough to answer soon."""

MOST_WAITING = 128
"""Requests that may wait for the writer, whose bodies are in memory."""


class Turn(NamedTuple):
    """What a job works with: the transaction, and the contents that the writer knows."""

    connection: Connection
    contents: Contents


class _Waiting(NamedTuple):
    job: Callable[[Turn], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]


class Writer:
    """Runs jobs one after another, each in its own savepoint, so that a refused one leaves nothing behind."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._contents = Contents(store.bulk)
        self._queue: queue.Queue[_Waiting | None] = queue.Queue()
        self._places = threading.BoundedSemaphore(MOST_WAITING)
        self._thread = threading.Thread(target=self._run, name="writer")

    def start(self) -> None:
        """Begin to take jobs."""
        self._thread.start()

    def close(self) -> None:
        """Finish the jobs that wait, then end."""
        self._queue.put(None)
        self._thread.join()

    @property
    def alive(self) -> bool:
        """Whether jobs are being taken."""
        return self._thread.is_alive()

    def admit(self) -> None:
        """Take a place in the queue, before a body is read; Refused with 429 when none is free."""
        if not self._places.acquire(blocking=False):
            raise Refused(429, "more messages wait than can be taken in", "try again later", retry_after=2)

    def leave(self) -> None:
        """Give the place back."""
        self._places.release()

    async def run(self, job: Callable[[Turn], Any]) -> Any:
        """Have a job done durably; give what it returns or raise what it raised."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        self._queue.put(_Waiting(job, loop, future))
        return await future

    def _run(self) -> None:
        while True:
            group, ending = self._next_group()
            if group:
                self._settle(group, self._outcomes(group))
            if ending:
                return

    def _next_group(self) -> tuple[list[_Waiting], bool]:
        group: list[_Waiting] = []
        waiting = self._queue.get()
        try:
            while waiting is not None:
                group.append(waiting)
                if len(group) == MOST_IN_GROUP:
                    return group, False
                waiting = self._queue.get_nowait()
        except queue.Empty:
            return group, False
        return group, True

    def _outcomes(self, group: list[_Waiting]) -> list[Any]:
        try:
            with self._store.write.begin() as connection:
                outcomes = [self._outcome(waiting.job, connection) for waiting in group]
        except Exception as error:  # noqa: BLE001 - nothing of the group was acknowledged, and the thread must live
            self._contents.forget()
            _LOG.error("the store does not accept writes: %s", getattr(error, "orig", type(error).__name__))
            return [_unavailable()] * len(group)
        self._contents.keep()
        return outcomes

    def _outcome(self, job: Callable[[Turn], Any], connection: Connection) -> Any:
        """Run one job; a failure is its outcome and takes back what it wrote."""
        try:
            with connection.begin_nested():
                return job(Turn(connection, self._contents))
        except Refused as refused:
            self._contents.forget()
            return refused
        except OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 - the other messages of the group are not to suffer from this one
            self._contents.forget()
            _LOG.exception("a message could not be applied")
            return error

    def _settle(self, group: list[_Waiting], outcomes: list[Any]) -> None:
        for waiting, outcome in zip(group, outcomes):
            waiting.loop.call_soon_threadsafe(_resolve, waiting.future, outcome)


def _unavailable() -> Refused:
    return Refused(
        503, "the store does not accept writes", "try again later; the log of the backend says why", retry_after=30
    )


def _resolve(future: asyncio.Future[Any], outcome: Any) -> None:
    if future.cancelled():
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
