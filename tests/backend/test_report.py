"""Reports: what is applied, what is refused, and that a refusal changes nothing."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import replace

import pytest

from agent.model.envelope import write_envelope, write_put


def test_a_snapshot_then_a_delta_then_a_heartbeat_leave_backend_and_agent_with_the_same_set(agent, wire):
    first = [wire.record("a", installed_at=5), wire.record("b"), wire.record("c")]
    answer = agent.snapshot(1, first)
    assert (answer.status, answer.json) == (
        200,
        {"have": {"epoch": agent.epoch, "seq": 1, "digest": wire.digest_of(first)}},
    )
    after = [first[0], wire.record("b", 2), wire.record("d")]
    answer = agent.delta(2, after, puts=after[1:], deletes=["c"])
    assert (answer.status, answer.json["have"]["seq"]) == (200, 2)
    assert {key: found["fields"] for key, found in agent.records().items()} == {
        "a": {"version": 1, "installed_at": 5},
        "b": {"version": 2},
        "d": {"version": 1},
    }
    beat = agent.heartbeat({"things": wire.state(digest=wire.digest_of(after), epoch=agent.epoch, seq=2)})
    assert (beat.status, beat.json) == (200, {"resend": []})


def test_a_delta_on_a_base_that_is_not_here_is_answered_with_what_is_here(agent, wire):
    assert agent.delta(2, [wire.record("a")], puts=[wire.record("a")]).json["have"] is None
    agent.snapshot(1, [wire.record("a")])
    answer = agent.delta(3, [wire.record("b")], puts=[wire.record("b")], base_seq=2)
    assert answer.status == 409
    assert answer.json["have"] == {"epoch": agent.epoch, "seq": 1, "digest": wire.digest_of([wire.record("a")])}
    assert agent.delta(2, [wire.record("b")], puts=[wire.record("b")], epoch="another").status == 409
    assert set(agent.records()) == {"a"}


@pytest.mark.parametrize("wrong", [{"count": 3}, {"digest": "0" * 64}])
def test_a_delta_that_does_not_lead_to_its_digest_and_count_is_not_applied(agent, wire, wrong):
    agent.snapshot(1, [wire.record("a")])
    answer = agent.delta(2, [wire.record("a"), wire.record("b")], puts=[wire.record("b")], **wrong)
    assert (answer.status, answer.json["have"]["seq"]) == (409, 1)
    assert set(agent.records()) == {"a"}
    assert agent.delta(2, [wire.record("a"), wire.record("b")], puts=[wire.record("b")]).status == 200


@pytest.mark.parametrize("wrong", [{"count": 3}, {"digest": "0" * 64}])
def test_a_snapshot_that_contradicts_itself_is_refused_for_good(agent, wire, wrong):
    assert agent.snapshot(1, [wire.record("a")], **wrong).status == 422


def test_a_snapshot_replaces_what_an_older_one_or_another_epoch_left(agent, wire):
    agent.snapshot(5, [wire.record("a"), wire.record("b")])
    assert agent.snapshot(4, [wire.record("c")]).status == 409
    assert agent.snapshot(7, [wire.record("b")]).status == 200
    assert agent.snapshot(1, [wire.record("d")], epoch="another").status == 200
    assert set(agent.records()) == {"d"}


def test_a_message_that_is_here_already_is_acknowledged_again(agent, wire):
    agent.snapshot(1, [wire.record("a")])
    agent.delta(2, [wire.record("b")], puts=[wire.record("b")], deletes=["a"])
    again = agent.delta(2, [wire.record("b")], puts=[wire.record("b")], deletes=["a"])
    assert (again.status, again.json["have"]["seq"]) == (200, 2)
    assert agent.snapshot(2, [wire.record("c")]).status == 409


def test_the_same_request_gets_the_same_answer_even_when_the_section_has_moved_on(agent, wire):
    first = agent.envelope(1, [wire.record("a")])
    answer = agent.send(first, [wire.record("a")], key="one")
    agent.delta(2, [wire.record("b")], puts=[wire.record("b")], deletes=["a"])
    again = agent.send(first, [wire.record("a")], key="one")
    assert (again.status, again.json) == (200, answer.json)
    assert set(agent.records()) == {"b"}
    assert agent.send(first, [wire.record("a")], key="another").status == 409


def test_a_message_in_parts_is_applied_at_once_when_the_last_part_has_come_in_any_order(agent, wire):
    lines = [wire.record(f"k{number}") for number in range(6)]
    parts = [agent.envelope(1, lines, part=part, parts=3) for part in (1, 2, 3)]
    assert agent.send(parts[2], lines[4:]).json == {"staged": 3}
    assert agent.send(parts[0], lines[:2]).json == {"staged": 1}
    assert agent.send(parts[0], lines[:2]).json == {"staged": 1}
    assert agent.records() == {}
    assert agent.send(parts[1], lines[2:4]).json["have"]["seq"] == 1
    assert len(agent.records()) == 6
    assert agent.send(parts[1], lines[2:4]).json["have"]["seq"] == 1


def test_a_message_that_is_cut_into_other_parts_forgets_those_that_came_before(agent, wire):
    lines = [wire.record(f"k{number}") for number in range(4)]
    agent.send(agent.envelope(1, lines, part=1, parts=2), lines[:3], key="part-1")
    for part in (1, 2, 3, 4):
        answer = agent.send(agent.envelope(1, lines, part=part, parts=4), lines[part - 1 : part], key=f"part-{part}")
    assert answer.json["have"]["seq"] == 1
    assert len(agent.records()) == 4


def test_a_repeated_part_that_was_dropped_meanwhile_is_taken_again(agent, wire):
    lines = [wire.record(str(number)) for number in range(4)]
    first = agent.envelope(1, lines, part=1, parts=2)
    assert agent.send(first, lines[:2], key="first").json == {"staged": 1}
    agent.send(agent.envelope(1, lines, part=1, parts=4), lines[:1], key="of another cut")
    assert agent.send(first, lines[:2], key="first").json == {"staged": 1}
    assert agent.send(agent.envelope(1, lines, part=2, parts=2), lines[2:], key="second").json["have"]["seq"] == 1


def test_a_part_of_another_cut_does_not_count_towards_this_one(agent, wire):
    lines = [wire.record(f"k{number}") for number in range(4)]
    agent.send(agent.envelope(1, lines, part=2, parts=2), lines[2:])
    answers = [agent.send(agent.envelope(1, lines, part=n, parts=4), lines[n - 1 : n]).json for n in (1, 3, 4)]
    assert answers == [{"staged": 1}, {"staged": 3}, {"staged": 4}]
    assert agent.send(agent.envelope(1, lines, part=2, parts=4), lines[1:2]).json["have"]["seq"] == 1


def test_a_refused_message_leaves_nothing_behind(agent, backend, wire):
    lines = [wire.record(f"only of {agent.name}")]
    assert agent.snapshot(1, lines, count=2).status == 422
    assert backend.get(f"/v1/hosts/{agent.name}/sections").json == {"sections": {}}
    assert agent.snapshot(1, lines).status == 200
    assert set(agent.records()) == {f"only of {agent.name}"}


def test_parts_that_contradict_each_other_are_refused(agent, wire):
    lines = [wire.record("a"), wire.record("b")]
    agent.send(agent.envelope(1, lines, part=1, parts=2), lines[:1])
    assert agent.send(agent.envelope(1, lines, part=2, parts=2, taken_at=1), lines[1:]).status == 422
    assert agent.records() == {}


def test_an_agent_reports_for_itself_alone(agent, backend, wire):
    other = backend.agent()
    assert agent.snapshot(1, [wire.record("a")], agent=other.name).status == 403


@pytest.mark.parametrize(
    "line",
    [
        b'{"put":{"key":"a","kind":"thing"}}',
        b'{"put":{"key":"a", "kind":"thing"},"volatile":{}}',
        b'{"put":{"kind":"thing","key":"a"},"volatile":{}}',
        b'{"put":{"key":"a"},"volatile":{}}',
        b'{"put":{"key":1,"kind":"thing"},"volatile":{}}',
        b'{"put":{"key":"a","kind":"No Word"},"volatile":{}}',
        b'{"put":{"key":"a","kind":"thing","size":1.5},"volatile":{}}',
        b'{"put":{"key":"a","kind":"thing","size":NaN},"volatile":{}}',
        b'{"put":{"key":"\\ud800","kind":"thing"},"volatile":{}}',
        b'{"put":{"key":"\xff","kind":"thing"},"volatile":{}}',
        b'{"put":{"key":"a","kind":"thing","x":' + b"[" * 9000 + b"]" * 9000 + b'},"volatile":{}}',
        b'{"put":["a"],"volatile":{}}',
        b'{"put":{"key":"a","kind":"thing"},"volatile":{"x":1}',
        b'{"put":{"key":"a","kind":"thing"},"volatile":[]}',
        b'{"put":{"key":"a","kind":"thing"},"volatile":{"b":1,"a":1}}',
        b'{"put":{"key":"' + b"a" * 300_000 + b'","kind":"thing"},"volatile":{}}',
        b'{"delete":7}',
        b'{"delete":"a"',
        b"<html>",
        b"",
    ],
)
def test_a_line_that_is_no_record_is_refused_and_nothing_of_the_message_is_kept(agent, wire, line):
    good = wire.record("good")
    body = write_envelope(agent.envelope(1, [good])) + write_put(good) + line + b"\n"
    answer = agent.send_plain(body)
    assert answer.status == 422
    assert set(answer.json) == {"error", "hint"}
    assert agent.snapshot(1, [good]).status == 200


def test_records_whose_names_were_made_printable_are_canonical(agent):
    from agent.model.codec import Line, dumps

    key = "etc/\udcff and \\x5c"
    line = Line(dumps(key), dumps({"kind": "thing", "key": key}), b"{}")
    assert agent.snapshot(1, [line]).status == 200
    assert list(agent.records()) == ["etc/\\xff and \\x5cx5c"]


def test_a_key_with_a_nul_and_one_longer_than_an_index_entry_are_kept(agent, wire):
    lines = [wire.record("nul\0"), wire.record("path/" * 2000)]
    assert agent.snapshot(1, lines).status == 200
    assert set(agent.records()) == {"nul\0", "path/" * 2000}
    assert agent.delta(2, lines[1:], deletes=["nul\0"]).status == 200


def test_a_key_that_is_put_twice_is_refused(agent, wire):
    assert agent.snapshot(1, [wire.record("a"), wire.record("a", 2)]).status == 422
    agent.snapshot(1, [wire.record("a")])
    assert agent.delta(2, [wire.record("a", 2)], puts=[wire.record("a", 2)], deletes=["a"]).status == 422


@pytest.mark.parametrize(
    "wrong",
    [
        {"schema": 2},
        {"seq": "1"},
        {"seq": True},
        {"part": 2},
        {"type": "patch"},
        {"type": "delta"},
        {"hides": None},
        {"extra": 1},
    ],
)
def test_what_has_no_envelope_of_this_contract_is_malformed(agent, wire, wrong):
    from agent.model.codec import dumps

    fields = {**wire.asdict(agent.envelope(1, [])), **wrong}
    answer = agent.send_plain(dumps(fields) + b"\n")
    assert answer.status == 400
    assert set(answer.json) == {"error", "hint"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "failed"},
        {"status": "timed_out"},
        {"section": "Not A Name"},
        {"section": "nul\0"},
        {"epoch": ""},
        {"seq": -1},
        {"seq": 2**70},
        {"count": 2**70},
        {"taken_at": 2**70},
        {"digest": "zz"},
        {"hides": (1,)},
        {"parts": 1000},
        {"type": "delta", "base_seq": "0"},
        {"type": "delta", "base_seq": 1},
    ],
)
def test_an_envelope_that_breaks_the_contract_is_refused(agent, wrong):
    assert agent.send(replace(agent.envelope(1, []), **wrong)).status == 422


GOOD_ENCODING = {"Content-Encoding": "gzip"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>proxy error</body></html>",
        gzip.compress(b"{}\n" * 100, mtime=0)[:-9],
        gzip.compress(b"{}\n", mtime=0) + b"more",
        zlib.compress(b"{}\n"),
        gzip.compress(b"", mtime=0),
        gzip.compress(b"no newline", mtime=0),
        gzip.compress(b"\x00\xff\n" * 100, mtime=0),
        gzip.compress(b"[" * 100_000 + b"\n", mtime=0),
    ],
)
def test_garbage_is_malformed(agent, body):
    answer = agent.send_body(body, GOOD_ENCODING)
    assert answer.status == 400
    assert set(answer.json) == {"error", "hint"}


def test_a_gzip_member_that_is_cut_off_or_followed_by_more_is_malformed(agent, wire):
    body = gzip.compress(write_envelope(agent.envelope(1, [])))
    assert agent.send_body(body[:-4], GOOD_ENCODING).status == 400
    assert agent.send_body(body + b"more", GOOD_ENCODING).status == 400
    assert agent.send_body(body, GOOD_ENCODING).status == 200


def test_a_gzip_bomb_is_refused_before_it_is_whole(agent):
    bomb = gzip.compress(bytes(100 * 1024 * 1024))
    assert agent.send_body(bomb, GOOD_ENCODING).status == 400


def test_a_truncated_message_is_malformed_even_without_compression(agent, wire):
    body = write_envelope(agent.envelope(1, [wire.record("a")])) + write_put(wire.record("a"))
    assert agent.send_body(body[:-1], {}).status == 400
    assert agent.send_body(body, {"Content-Encoding": "identity"}).status == 200


def test_other_encodings_are_not_supported(agent):
    assert agent.send_body(b"x", {"Content-Encoding": "br"}).status == 415


def test_a_body_beyond_its_limit_is_too_large_whether_announced_or_not(agent, backend):
    body = b"x" * (1024 * 1024 + 1)
    assert agent.send_body(body, {}).status == 413
    chunks = iter([body])
    assert backend.request("POST", "/v1/reports", agent.token, chunks, {}).status == 413


def test_a_body_that_is_not_that_of_its_digest_is_malformed(agent, wire):
    body = write_envelope(agent.envelope(1, []))
    other = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"
    assert agent.send_body(body, {"Content-Digest": other}).status == 400
    assert agent.send_body(body, {"Content-Digest": "sha-256=nonsense"}).status == 400
    assert agent.send_body(body, {"Content-Digest": f"md5=:AA==:, {other}"}).status == 400
    assert agent.send_body(body, {"Content-Digest": "md5=:AA==:"}).status == 200


def test_an_idempotency_key_has_its_bounds(agent):
    assert agent.send(agent.envelope(1, []), key="k" * 201).status == 400


def test_an_agent_has_a_limited_number_of_sections(agent):
    answers = [agent.snapshot(1, [], section=f"s{number}").status for number in range(65)]
    assert answers == [200] * 64 + [422]
