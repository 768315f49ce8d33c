"""What absence means: complete and partial attempts, unconfirmed records; and the history of changes."""

from __future__ import annotations


def names(agent, confirmed):
    return {key for key, found in agent.records().items() if found["confirmed"] is confirmed}


def test_a_partial_snapshot_keeps_what_its_gaps_may_hide_as_unconfirmed(agent, wire):
    agent.snapshot(1, [wire.record("a/1"), wire.record("a/2"), wire.record("b/1"), wire.record("b/2")])
    partial = [wire.record("a/1"), wire.record("b/1"), wire.gap("a/")]
    assert agent.snapshot(2, partial, status="partial", hides=("a/",)).status == 200
    assert names(agent, True) == {"a/1", "b/1", "gap:a/"}
    assert names(agent, False) == {"a/2"}
    assert agent.records()["a/2"]["last_seen"] == 1_700_000_001
    assert (agent.state()["count"], agent.state()["unconfirmed"]) == (3, 1)


def test_a_partial_snapshot_without_a_gap_proves_no_absence(agent, wire):
    agent.snapshot(1, [wire.record("a"), wire.gap("x")])
    assert agent.snapshot(2, [], status="partial").status == 200
    assert (names(agent, True), names(agent, False)) == (set(), {"a"})


def test_an_unconfirmed_record_stays_until_it_is_seen_again_or_its_absence_is_proven(agent, wire):
    gap = wire.gap("a/")
    agent.snapshot(1, [wire.record("a/1"), wire.record("a/2"), wire.record("a/3")])
    agent.snapshot(2, [gap], status="partial", hides=("a/",))
    assert names(agent, False) == {"a/1", "a/2", "a/3"}
    seen = [wire.record("a/1"), wire.record("a/2", 2), gap]
    assert agent.delta(3, seen, puts=seen[:2], status="partial", hides=("a/",)).status == 200
    assert (names(agent, True), names(agent, False)) == ({"a/1", "a/2", "gap:a/"}, {"a/3"})
    assert agent.delta(4, seen[:2], deletes=["gap:a/"]).status == 200
    assert (names(agent, True), names(agent, False)) == ({"a/1", "a/2"}, set())
    assert agent.state()["unconfirmed"] == 0
    assert agent.changes() == [
        ("appeared", "gap:a/"),
        ("baseline", None),
        ("changed", "a/2"),
        ("vanished", "a/3"),
        ("vanished", "gap:a/"),
    ]


def test_a_partial_delta_cannot_delete_what_a_gap_may_hide(agent, wire):
    lines = [wire.record("a/1"), wire.record("b/1"), wire.gap("a/")]
    agent.snapshot(1, lines, status="partial", hides=("a/",))
    options = {"status": "partial", "hides": ("a/",)}
    assert agent.delta(2, [lines[1], lines[2]], deletes=["a/1"], **options).status == 422
    assert agent.delta(2, [lines[0], lines[2]], deletes=["b/1"], **options).status == 200
    assert agent.delta(3, [lines[0]], deletes=["gap:a/"], **options).status == 200


def test_the_digest_is_of_the_confirmed_records_alone(agent, wire):
    agent.snapshot(1, [wire.record("a/1"), wire.record("a/2")])
    agent.snapshot(2, [wire.record("a/1"), wire.gap("a/")], status="partial", hides=("a/",))
    after = [wire.record("a/1", 2), wire.gap("a/")]
    assert agent.delta(3, after, puts=after[:1], status="partial", hides=("a/",)).status == 200
    assert names(agent, False) == {"a/2"}


def test_the_first_snapshot_is_one_entry_of_history_and_later_ones_are_compared(agent, wire):
    agent.snapshot(1, [wire.record(f"k{number}") for number in range(20)])
    assert agent.changes() == [("baseline", None)]
    after = [wire.record(f"k{number}") for number in range(1, 20)] + [wire.record("new")]
    after[0] = wire.record("k1", 2)
    agent.snapshot(1, after, epoch="another")
    assert agent.changes() == [("appeared", "new"), ("baseline", None), ("changed", "k1"), ("vanished", "k0")]


def test_history_says_what_was_before_and_after_and_when(agent, backend, wire):
    agent.snapshot(1, [wire.record("a", 1), wire.record("b")])
    agent.delta(2, [wire.record("a", 2)], puts=[wire.record("a", 2)], deletes=["b"])
    entries = agent.listed("changes?limit=10", "changes")
    baseline, changed, vanished = entries
    assert (baseline["count"], baseline["before"], baseline["after"]) == (2, None, None)
    assert (changed["before"]["version"], changed["after"]["version"]) == (1, 2)
    assert (vanished["before"]["key"], vanished["after"]) == ("b", None)
    assert {entry["taken_at"] for entry in entries[1:]} == {1_700_000_002}
    assert agent.listed(f"changes?since={entries[-1]['received_at'] + 100}", "changes") == []
    assert backend.get(f"/v1/hosts/{agent.name}/changes?section=others").status == 404


def test_a_change_of_volatile_fields_is_kept_and_is_no_history(agent, wire):
    agent.snapshot(1, [wire.record("a", installed_at=1)])
    agent.snapshot(2, [wire.record("a", installed_at=2)])
    assert agent.records()["a"]["fields"]["installed_at"] == 2
    assert agent.changes() == [("baseline", None)]


def test_the_same_record_of_two_hosts_is_each_ones_own(backend, wire):
    one, two = backend.agent(), backend.agent()
    one.snapshot(1, [wire.record("shared", installed_at=1)])
    two.snapshot(1, [wire.record("shared", installed_at=2)])
    one.delta(2, [], deletes=["shared"])
    assert (one.records(), two.records()["shared"]["fields"]["installed_at"]) == ({}, 2)


def test_sections_of_thousands_of_records_are_compared_whole(agent, wire):
    lines = [wire.record(f"k{number}") for number in range(3000)]
    agent.snapshot(1, lines)
    after = lines[1500:]
    deletes = [f"k{number}" for number in range(1500)]
    assert agent.delta(2, after, deletes=deletes).status == 200
    assert agent.snapshot(3, lines).status == 200
    assert len(agent.records()) == 3000
    assert len(agent.changes()) == 1 + 1500 + 1500
