"""The writer: jobs in groups, each one's failure its own, and a bounded queue."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import insert, select

from backend.errors import Refused
from backend.store.database import close_store, open_store
from backend.store.schema import agent
from backend.store.writer import MOST_WAITING, Writer


@pytest.fixture
def store(tmp_path):
    opened = open_store(f"sqlite:///{tmp_path}/store")
    yield opened
    close_store(opened)


def add(name, then=None):
    def job(turn):
        turn.connection.execute(insert(agent).values(id=name, enrolled_at=1, enrolment_open=True, evidence="{}"))
        if then is not None:
            raise then
        return name

    return job


def agents(store):
    with store.read.connect() as connection:
        return set(connection.execute(select(agent.c.id)).scalars())


def test_a_job_that_fails_takes_back_its_own_writes_and_no_others(store):
    async def run():
        writer = Writer(store)
        jobs = [add("a"), add("b", Refused(422, "x", "y")), add("c", KeyError("z")), add("a"), add("d")]
        waiting = [asyncio.ensure_future(writer.run(job)) for job in jobs]
        await asyncio.sleep(0)
        writer.start()
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        await asyncio.to_thread(writer.close)
        return outcomes

    outcomes = asyncio.run(run())
    assert [type(outcome).__name__ for outcome in outcomes] == ["str", "Refused", "KeyError", "IntegrityError", "str"]
    assert agents(store) == {"a", "d"}


def test_jobs_that_wait_are_done_before_the_writer_ends(store):
    async def run():
        writer = Writer(store)
        waiting = [asyncio.ensure_future(writer.run(add(str(number)))) for number in range(100)]
        await asyncio.sleep(0)
        writer.start()
        await asyncio.to_thread(writer.close)
        return await asyncio.gather(*waiting)

    assert set(asyncio.run(run())) == agents(store)


def test_more_requests_than_places_are_told_to_come_again(store):
    writer = Writer(store)
    for _ in range(MOST_WAITING):
        writer.admit()
    with pytest.raises(Refused) as refused:
        writer.admit()
    assert (refused.value.status, refused.value.headers()) == (429, {"Retry-After": "2"})
    writer.leave()
    writer.admit()
