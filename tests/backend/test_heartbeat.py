"""Heartbeats: health, the last attempt at each section, and what the backend wants again."""

from __future__ import annotations

import gzip

import pytest

from agent.model.codec import dumps


def test_a_failed_attempt_changes_the_status_and_no_record(agent, wire):
    lines = [wire.record("a")]
    agent.snapshot(1, lines)
    failed = wire.state(
        status="failed", attempted_at=1_700_000_500, error="ValueError\nin dpkg", digest=wire.digest_of(lines)
    )
    assert agent.heartbeat({"things": failed}).json == {"resend": []}
    attempt = agent.state()["last_attempt"]
    assert attempt == {
        "status": "failed",
        "attempted_at": 1_700_000_500,
        "error": "ValueError\N{REPLACEMENT CHARACTER}in dpkg",
    }
    assert (agent.state()["status"], agent.state()["as_of"], set(agent.records())) == ("complete", 1_700_000_001, {"a"})


def test_sections_of_which_the_digests_differ_are_wanted_again(agent, wire):
    agent.snapshot(1, [wire.record("a")])
    other = wire.digest_of([wire.record("b")])
    states = {
        "things": wire.state(digest=other),
        "never-came": wire.state(digest=other),
        "not-yet": wire.state(status="failed"),
    }
    assert agent.heartbeat(states).json == {"resend": ["never-came", "things"]}


def test_an_attempt_that_found_the_same_again_makes_the_section_recent(agent, wire):
    agent.snapshot(1, [wire.record("a")])
    digest = wire.digest_of([wire.record("a")])
    agent.heartbeat({"things": wire.state(attempted_at=1_700_009_000, digest=digest)})
    agent.heartbeat({"things": wire.state(attempted_at=1_700_000_500, digest=digest)})
    assert agent.state()["as_of"] == 1_700_009_000
    assert agent.records()["a"]["last_seen"] == 1_700_009_000


def test_an_agents_health_is_shown(agent, backend):
    agent.heartbeat({}, version="9.8.7", cpu_seconds=42)
    host = backend.get(f"/v1/hosts/{agent.name}").json
    assert (host["version"], host["cpu_seconds"]) == ("9.8.7", 42)
    assert host["heartbeat_at"] >= host["enrolled_at"]


def test_an_agent_beats_for_itself_alone(agent, backend):
    assert agent.heartbeat({}, agent=backend.agent().name).status == 403


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"schema":2}', b"[" * 60_000, b'{"schema":1,"sections":{}}'])
def test_a_heartbeat_that_is_none_is_malformed(agent, backend, body):
    assert backend.request("POST", "/v1/heartbeat", agent.token, body).status == 400


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "splendid"},
        {"attempted_at": -1},
        {"attempted_at": "now"},
        {"seq": 1.5},
        {"digest": 7},
        {"error": ["x"]},
    ],
)
def test_a_heartbeat_that_breaks_the_contract_is_refused(agent, wire, wrong):
    assert agent.heartbeat({"things": wire.state(**wrong)}).status == 422


@pytest.mark.parametrize("wrong", [{"version": None}, {"cpu_seconds": 2**80}, {"sections": {"No Name": None}}])
def test_health_that_breaks_the_contract_is_refused(agent, backend, wire, wrong):
    state = wire.asdict(wire.state())
    beat = {"schema": 1, "agent": agent.name, "sent_at": 1, "version": "1", "sections": {"x": state}, "cpu_seconds": 1}
    wrong = {name: {"No Name": state} if name == "sections" else value for name, value in wrong.items()}
    assert backend.request("POST", "/v1/heartbeat", agent.token, dumps({**beat, **wrong})).status == 422


def test_a_heartbeat_beyond_its_limit_is_too_large(agent, backend):
    assert backend.request("POST", "/v1/heartbeat", agent.token, b" " * 65537).status == 413


def test_a_heartbeat_may_be_compressed_and_says_so(agent):
    body = dumps({"schema": 1, "agent": agent.name, "sent_at": 1, "version": "1", "sections": {}, "cpu_seconds": 0})
    headers = {"Content-Encoding": "gzip"}
    post = agent.backend.request
    assert post("POST", "/v1/heartbeat", agent.token, gzip.compress(body), headers).json == {"resend": []}
    assert post("POST", "/v1/heartbeat", agent.token, body, headers).status == 400
    assert post("POST", "/v1/heartbeat", agent.token, body, {"Content-Encoding": "br"}).status == 415
    bomb = gzip.compress(bytes(64 * 1024 * 1024))
    assert post("POST", "/v1/heartbeat", agent.token, bomb, headers).status in (400, 413)
