"""The read endpoints: what they show, their pages, and what they answer to nonsense."""

from __future__ import annotations

import pytest

from agent.model.codec import Line, dumps


def host_record():
    fields = {
        "kind": "host",
        "key": "host",
        "hostname": "web-1",
        "distribution": "debian",
        "distribution_version": "12",
        "distribution_name": "Debian GNU/Linux 12 (bookworm)",
    }
    return Line(dumps("host"), dumps(fields), b"{}")


def test_a_host_shows_its_name_its_distribution_and_its_sections(agent, backend, wire):
    agent.section = "host"
    agent.snapshot(1, [host_record()])
    agent.section = "things"
    agent.snapshot(1, [wire.record("a"), wire.record("b")])
    host = backend.get(f"/v1/hosts/{agent.name}").json
    assert (host["hostname"], host["distribution"], host["distribution_version"]) == ("web-1", "debian", "12")
    assert host["evidence"] == {"machine_id": "0" * 32}
    things = host["sections"]["things"]
    assert (things["count"], things["status"], things["taken_at"]) == (2, "complete", 1_700_000_001)
    assert things["age_seconds"] > 0
    assert set(backend.get(f"/v1/hosts/{agent.name}/sections").json["sections"]) == {"host", "things"}


def test_pages_of_hosts_name_each_one_once(backend, wire):
    names = {backend.agent().name for _ in range(7)}
    found, cursor = [], ""
    while cursor is not None:
        answer = backend.get(f"/v1/hosts?limit=2{cursor and '&cursor=' + cursor}").json
        assert len(answer["hosts"]) <= 2
        found += [host["agent"] for host in answer["hosts"]]
        cursor = answer["next"]
    assert len(found) == len(set(found))
    assert names <= set(found)


def test_pages_of_records_name_each_one_once_and_can_be_of_one_kind(agent, wire):
    things = [wire.record(f"t{number}") for number in range(25)]
    others = [wire.record(f"o{number}", kind="other") for number in range(5)]
    agent.snapshot(1, things + others)
    everything = agent.listed("sections/things/records?limit=7", "records")
    assert sorted(found["key"] for found in everything) == sorted(agent.records())
    assert len(everything) == 30
    only = agent.listed("sections/things/records?limit=2&kind=other", "records")
    assert sorted(found["key"] for found in only) == [f"o{number}" for number in range(5)]


def test_pages_of_changes_come_oldest_first(agent, wire):
    agent.snapshot(1, [])
    for seq in range(2, 12):
        agent.snapshot(seq, [wire.record("a", seq)])
    versions = [entry["after"]["version"] for entry in agent.listed("changes?limit=3", "changes") if entry["after"]]
    assert versions == list(range(2, 12))


@pytest.mark.parametrize(
    "path",
    [
        "/v1/hosts/nobody",
        "/v1/hosts/nobody/sections",
        "/v1/hosts/nobody/changes",
        "/v1/hosts/nobody/sections/things/records",
        "/v1/hosts/%00",
        "/v1/hosts/%FF/changes",
        "/v1/nothing",
    ],
)
def test_what_is_not_there_is_not_found(backend, path):
    answer = backend.get(path)
    assert answer.status == 404
    assert set(answer.json) == {"error", "hint"}


def test_a_section_that_is_not_there_is_not_found(agent, backend):
    assert backend.get(f"/v1/hosts/{agent.name}/sections/things/records").status == 404
    assert backend.get(f"/v1/hosts/{agent.name}/sections/%00/records").status == 404
    assert backend.get(f"/v1/hosts/{agent.name}/changes?section=%00").status == 404


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=1001",
        "limit=-1",
        "limit=x",
        "limit=²",
        "limit=" + "9" * 5000,
        "cursor=x",
        "cursor=!!",
        "cursor=bnVsbA",
        "cursor=LTE",
        "cursor=InRleHQi",
        "cursor=" + "W" * 5000,
        "kind=%00",
    ],
)
def test_nonsense_in_a_query_is_malformed(agent, backend, wire, query):
    from urllib.parse import quote

    agent.snapshot(1, [wire.record("a")])
    path = f"/v1/hosts/{agent.name}/sections/things/records?{quote(query, safe='=&%!')}"
    assert backend.get(path).status == 400


def test_a_cursor_of_hosts_that_no_store_could_hold_is_malformed(backend):
    assert backend.get("/v1/hosts?cursor=IlwwMDAwIg").status == 400
    assert backend.get("/v1/hosts?cursor=Ilx1MDAwMCI").status == 400


def test_since_is_a_number(agent, backend):
    assert backend.get(f"/v1/hosts/{agent.name}/changes?since=yesterday").status == 400


def test_a_wrong_method_is_told_as_json(backend):
    answer = backend.request("DELETE", "/v1/hosts")
    assert answer.status == 405
    assert set(answer.json) == {"error", "hint"}


def test_health_needs_no_token(backend):
    answer = backend.get("/healthz", None)
    assert (answer.status, answer.json) == (200, {"status": "ok"})
