"""What was acknowledged is there after kill -9, and what was not is there whole or not at all."""

from __future__ import annotations

import http.client
import signal
import sqlite3
import threading

import pytest


def test_parts_that_were_kept_survive_a_kill(own_backend, wire):
    own_backend.start()
    agent = own_backend.agent()
    lines = [wire.record("a"), wire.record("b")]
    agent.send(agent.envelope(1, lines, part=1, parts=2), lines[:1], key="1")
    own_backend.end(signal.SIGKILL)
    own_backend.start()
    assert agent.send(agent.envelope(1, lines, part=1, parts=2), lines[:1], key="1").json == {"staged": 1}
    assert agent.records() == {}
    assert agent.send(agent.envelope(1, lines, part=2, parts=2), lines[1:]).json["have"]["seq"] == 1
    assert set(agent.records()) == {"a", "b"}


def test_an_answer_is_repeated_after_a_kill(own_backend, wire):
    own_backend.start()
    agent = own_backend.agent()
    envelope = agent.envelope(1, [wire.record("a")])
    first = agent.send(envelope, [wire.record("a")], key="1")
    own_backend.end(signal.SIGKILL)
    own_backend.start()
    assert agent.send(envelope, [wire.record("a")], key="1").json == first.json
    assert agent.delta(2, [], deletes=["a"]).status == 200


def test_nothing_that_was_acknowledged_is_missing_after_a_kill_in_the_middle(own_backend, wire):
    own_backend.start()
    agents = [own_backend.agent() for _ in range(8)]
    acknowledged = {agent.name: 0 for agent in agents}
    enough = threading.Semaphore(0)

    def version(seq):
        return [wire.record(f"k{number}", seq) for number in range(300)]

    def keep_sending(agent):
        seq = 1
        try:
            while agent.snapshot(seq, version(seq)).status == 200:
                acknowledged[agent.name] = seq
                enough.release()
                seq += 1
        except (OSError, http.client.HTTPException, ValueError):
            return

    threads = [threading.Thread(target=keep_sending, args=[agent]) for agent in agents]
    for thread in threads:
        thread.start()
    for _ in range(60):
        enough.acquire()
    own_backend.end(signal.SIGKILL)
    for thread in threads:
        thread.join()
    own_backend.start()
    for agent in agents:
        found = agent.records()
        seq = acknowledged[agent.name]
        versions = {entry["fields"]["version"] for entry in found.values()}
        assert versions in ({seq}, {seq + 1}) or (seq == 0 and not found)
        assert len(found) in (0, 300)
        assert agent.snapshot(seq + 2, version(seq + 2)).status == 200


def test_sigterm_ends_an_idle_and_a_busy_backend_without_an_error(own_backend, wire):
    own_backend.start()
    agent = own_backend.agent()
    agent.snapshot(1, [wire.record("a")])
    idle = http.client.HTTPConnection("127.0.0.1", own_backend.port)
    idle.connect()
    half = http.client.HTTPConnection("127.0.0.1", own_backend.port)
    half.putrequest("POST", "/v1/reports")
    half.putheader("Authorization", f"Bearer {agent.token}")
    half.putheader("Content-Length", "1000")
    half.endheaders(b"half")
    assert own_backend.end(signal.SIGTERM) == 0
    own_backend.start()
    assert set(agent.records()) == {"a"}


@pytest.mark.parametrize("own_backend", ["sqlite"], indirect=True)
def test_a_store_that_is_locked_by_another_refuses_and_recovers(own_backend, wire):
    own_backend.start()
    agent = own_backend.agent()
    other = sqlite3.connect(f"{own_backend.folder}/store.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    refused = agent.snapshot(1, [wire.record("a")])
    assert (refused.status, refused.headers["retry-after"]) == (503, "30")
    other.execute("ROLLBACK")
    assert agent.snapshot(1, [wire.record("a")]).status == 200
