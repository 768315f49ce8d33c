"""Tokens: who may do what, and how an id is taken, kept and given free."""

from __future__ import annotations

import uuid

import pytest


def test_an_agent_that_lost_the_answer_can_enrol_again_until_it_first_used_its_token(backend, wire):
    name = str(uuid.uuid4())
    first, second = backend.enrol(name), backend.enrol(name)
    assert (first.status, second.status) == (201, 201)
    agent = backend.agent()
    agent.name, agent.token = name, first.json["token"]
    assert agent.heartbeat({}).status == 401
    agent.token = second.json["token"]
    assert agent.heartbeat({}).status == 200
    assert backend.enrol(name).status == 409


def test_an_id_whose_agent_has_reported_is_not_given_to_another(backend, wire):
    agent = backend.agent()
    agent.snapshot(1, [wire.record("a")])
    answer = backend.enrol(agent.name)
    assert answer.status == 409
    assert "agent reset" in answer.json["hint"]


def test_an_operator_can_give_an_id_free_and_what_is_known_of_it_stays(backend, wire):
    agent = backend.agent()
    agent.snapshot(1, [wire.record("a")])
    assert backend.command("agent", "reset", agent.name).returncode == 0
    assert agent.heartbeat({}).status == 401
    agent.token = backend.enrol(agent.name).json["token"]
    assert agent.heartbeat({}).status == 200
    assert set(agent.records()) == {"a"}


def test_resetting_an_unknown_agent_is_an_error_that_says_so(backend):
    answer = backend.command("agent", "reset", "nobody")
    assert (answer.returncode, answer.stderr.count("\n")) == (2, 1)
    assert "nobody" in answer.stderr


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/agents"),
        ("POST", "/v1/reports"),
        ("POST", "/v1/heartbeat"),
        ("GET", "/v1/hosts"),
        ("GET", "/v1/hosts/x"),
        ("GET", "/v1/hosts/x/sections"),
        ("GET", "/v1/hosts/x/sections/y/records"),
        ("GET", "/v1/hosts/x/changes"),
    ],
)
def test_without_the_right_token_nothing_is_done_or_told(backend, tokens, method, path):
    join, read = tokens
    wrong = read if method == "POST" else join
    for token in (None, "", "nonsense", "st-agent-" + "x" * 43):
        answer = backend.request(method, path, token)
        assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert backend.request(method, path, wrong).status == 403
    assert backend.request(method, path, headers={"Authorization": f"Basic {wrong}"}).status == 401


def test_a_revoked_token_ends_at_once(backend):
    created = backend.command("token", "create", "read")
    token = created.stdout.strip()
    assert backend.get("/v1/hosts", token).status == 200
    last = backend.command("token", "list").stdout.splitlines()[-1].split()
    assert last[1] == "read"
    assert backend.command("token", "revoke", last[0]).returncode == 0
    assert backend.get("/v1/hosts", token).status == 401
    assert backend.command("token", "revoke", last[0]).returncode == 2


def test_a_revoked_agent_cannot_come_back_with_a_join_token(backend):
    agent = backend.agent()
    agent.heartbeat({})
    rows = [line.split() for line in backend.command("token", "list").stdout.splitlines()]
    identifier = next(row[0] for row in rows if row[-1] == agent.name)
    backend.command("token", "revoke", identifier)
    assert agent.heartbeat({}).status == 401
    assert backend.enrol(agent.name).status == 409


def test_tokens_are_not_stored(own_backend, tokens):
    own_backend.start()
    agent = own_backend.agent()
    listed = own_backend.command("token", "list").stdout
    if own_backend.store.startswith("sqlite"):
        for name in ("store.sqlite", "store.sqlite-wal"):
            with open(f"{own_backend.folder}/{name}", "rb") as stored:
                listed += stored.read().decode("latin-1")
    for token in (*tokens, agent.token):
        assert token not in listed


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"<html>", 400),
        (b'{"schema":2,"agent":"x","evidence":{}}', 400),
        (b'{"schema":1,"agent":"../x","evidence":{}}', 422),
        (b'{"schema":1,"agent":7,"evidence":{}}', 422),
        (b'{"schema":1,"agent":"x","evidence":null}', 422),
        (b" " * 20000, 413),
    ],
)
def test_an_enrolment_that_is_none_is_refused(backend, tokens, body, status):
    assert backend.request("POST", "/v1/agents", tokens[0], body).status == status
