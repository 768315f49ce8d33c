"""backend/reading/search.py: records of all hosts by what they say, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import uuid

import pytest

from agent.model.codec import Line, dumps


def thing(key: str, **fields: object) -> Line:
    """A record with fields of the test's own."""
    return Line(dumps(key), dumps({"kind": "thing", "key": key, **fields}), dumps({"seen": "now"}))


def host_named(name: str) -> Line:
    return Line(dumps("host"), dumps({"kind": "host", "key": "host", "hostname": name}), b"{}")


@pytest.fixture
def section() -> str:
    """A section that no other test has, for all share a backend."""
    return f"s{uuid.uuid4().hex}"


@pytest.fixture
def found(backend, section):
    """Ask for the records of the test's section; gives (agent, key) of each."""

    def ask(**parameters: str) -> list[tuple[str, str]]:
        query = "&".join(f"{name}={value}" for name, value in {"section": section, **parameters}.items())
        answer = backend.get(f"/v1/records?{query}")
        assert answer.status == 200, answer.json
        return [(record["agent"], record["key"]) for record in answer.json["records"]]

    return ask


@pytest.fixture
def agents(backend, section):
    """Two agents with the section; both have /bin/ls, of which one contradicts its package."""
    two = [backend.agent(), backend.agent()]
    for agent, verdict in zip(two, ("contradicts", "packaged")):
        agent.section = "host"
        agent.snapshot(1, [host_named(f"host-of-{verdict}")])
        agent.section = section
        agent.snapshot(1, [thing("/bin/ls", verdict=verdict), thing("/bin/cp", verdict="packaged")])
    return two


def test_the_hosts_that_have_a_file_which_contradicts_its_package_are_found(agents, found) -> None:
    assert found(kind="thing", where="verdict=contradicts") == [(agents[0].name, "/bin/ls")]
    assert len(found(where="verdict=packaged")) == 3


def test_a_record_is_shown_with_its_host_and_all_its_fields(agents, backend, section) -> None:
    [record] = backend.get(f"/v1/records?section={section}&where=verdict=contradicts").json["records"]
    assert record == {
        "agent": agents[0].name,
        "hostname": "host-of-contradicts",
        "section": section,
        "kind": "thing",
        "key": "/bin/ls",
        "fields": {"verdict": "contradicts", "seen": "now"},
        "confirmed": True,
        "last_seen": 1_700_000_001,
    }


def test_what_is_mended_is_found_no_more(agents, found) -> None:
    mended = [thing("/bin/ls", verdict="packaged"), thing("/bin/cp", verdict="packaged")]
    agents[0].delta(2, mended, [mended[0]])
    assert found(where="verdict=contradicts") == []


def test_pages_of_all_hosts_name_each_record_once(agents, backend, section) -> None:
    keys, cursor = [], ""
    while cursor is not None:
        answer = backend.get(f"/v1/records?section={section}&limit=1{cursor and '&cursor=' + cursor}").json
        keys += [(record["agent"], record["key"]) for record in answer["records"]]
        cursor = answer["next"]
    assert len(keys) == len(set(keys)) == 4


@pytest.mark.parametrize(
    ("where", "keys"),
    [
        ("n=7", ["bare", "last", "text"]),
        ("n=70", ["longer"]),
        ("n=null", ["none"]),
        ("n=true", ["switch"]),
        ("n=07", []),
        ("n=[7]", []),
        ("n=%22", ["quote"]),
        ("n=%C3%A4", ["umlaut"]),
        ("n=", ["empty"]),
        ("other=x", []),
    ],
)
def test_a_value_is_text_or_what_it_means_in_json_and_nothing_that_only_begins_so(
    backend, section, found, where: str, keys: list[str]
) -> None:
    agent = backend.agent()
    agent.section = section
    values = {"bare": 7, "text": "7", "longer": 70, "none": None, "switch": True, "quote": '"', "umlaut": "ä"}
    things = [thing(key, n=value, z=1) for key, value in values.items()]
    evil = 'x","other":"x","n":7,"'
    agent.snapshot(1, [*things, thing("last", n=7), thing("empty", n=""), thing("evil", a=evil)])
    assert sorted(key for _, key in found(where=where)) == keys


@pytest.mark.parametrize(
    "query", ["where=verdict", "where==x", "where=A=x", f"where=a={4097 * 'x'}", "section=%00", "kind=", "cursor=IjEi"]
)
def test_a_question_that_is_none_is_refused(backend, query: str) -> None:
    answer = backend.get(f"/v1/records?{query}")
    assert (answer.status, set(answer.json)) == (400, {"error", "hint"})


def test_only_who_may_read_may_search(backend, agent) -> None:
    assert backend.get("/v1/records", agent.token).status == 403
    assert backend.get("/v1/records", None).status == 401
