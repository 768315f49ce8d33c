"""Any sequence of messages leaves the set that a plain dict model has."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

KEYS = st.sampled_from(["a/1", "a/2", "a/3", "b/1", "b/2"])
SETS = st.dictionaries(KEYS, st.integers(1, 3))
HIDES = st.sampled_from(
    [("complete", ()), ("partial", ("a/",)), ("partial", ("",)), ("partial", (None,)), ("partial", ())]
)
STEPS = st.lists(st.tuples(st.sampled_from(["snapshot", "delta", "stale", "wrong"]), SETS, HIDES), max_size=7)


class Model:
    """Confirmed records and unconfirmed ones, as the contract words them."""

    def __init__(self):
        self.confirmed: dict[str, int] = {}
        self.unconfirmed: dict[str, int] = {}

    def replace(self, after, status, hides):
        before = {**self.unconfirmed, **self.confirmed}
        self.confirmed = dict(after)
        kept = {key for key in before if key not in after and may_exist(key, status, hides)}
        self.unconfirmed = {key: before[key] for key in kept}


def may_exist(key, status, hides):
    if status == "complete":
        return False
    return not hides or any(prefix is not None and key.startswith(prefix) for prefix in hides)


def send(agent, wire, model, seq, step):
    """Send a step's message as an agent would; give whether the backend took it and what the set should be then."""
    form, after, (status, hides) = step
    options = {"status": status, "hides": hides}
    if form == "delta" and seq > 1:
        # An agent carries over what its gaps may hide, so that its deltas delete only what is gone.
        after = {**{key: old for key, old in model.confirmed.items() if may_exist(key, status, hides)}, **after}
        lines = {key: wire.record(key, version) for key, version in after.items()}
        puts = [lines[key] for key in after if model.confirmed.get(key) != after[key]]
        deletes = [key for key in model.confirmed if key not in after]
        return agent.delta(seq, list(lines.values()), puts, deletes, **options).status, after
    lines = [wire.record(key, version) for key, version in after.items()]
    if form == "stale":
        return agent.delta(seq, lines, lines, base_seq=seq - 1, epoch="never-seen", **options).status, None
    if form == "wrong":
        return agent.snapshot(seq, lines, digest="f" * 64, **options).status, None
    return agent.snapshot(seq, lines, **options).status, after


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_any_sequence_of_messages_leaves_the_set_of_a_plain_model(backend, wire, steps):
    agent, model, seq = backend.agent(), Model(), 1
    agent.snapshot(1, [])
    for step in steps:
        seq += 1
        status, after = send(agent, wire, model, seq, step)
        if after is None:
            assert status in (409, 422)
            seq -= 1
            continue
        assert status == 200
        model.replace(after, *step[2])
        found = agent.records()
        confirmed = {key: entry["fields"]["version"] for key, entry in found.items() if entry["confirmed"]}
        unconfirmed = {key: entry["fields"]["version"] for key, entry in found.items() if not entry["confirmed"]}
        assert (confirmed, unconfirmed) == (model.confirmed, model.unconfirmed)
        assert (agent.state()["count"], agent.state()["unconfirmed"]) == (len(confirmed), len(unconfirmed))
