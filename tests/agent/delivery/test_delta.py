"""A delta turns one snapshot into the other, and says nothing of what did not change."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.delivery.delta import delta, pairs
from agent.model.codec import Line
from agent.model.digest import SetDigest

KEYS = st.binary(min_size=1, max_size=3)
CONTENTS = st.tuples(st.binary(max_size=2), st.binary(max_size=2))


def as_lines(records: dict[bytes, tuple[bytes, bytes]]) -> list[Line]:
    return [Line(key, key + b":" + stable, volatile) for key, (stable, volatile) in sorted(records.items())]


SNAPSHOTS = st.dictionaries(KEYS, CONTENTS, max_size=30).map(as_lines)


def stable(lines: list[Line]) -> dict[bytes, bytes]:
    return {line.key_json: line.stable for line in lines}


def digest_of(lines: list[Line]) -> str:
    digest = SetDigest()
    for line in lines:
        digest.add(line.stable)
    return digest.hex()


@given(SNAPSHOTS, SNAPSHOTS)
def test_a_delta_applied_to_the_older_snapshot_gives_the_newer(older, newer):
    applied = stable(older)
    for before, after in delta(older, newer):
        if after is not None:
            applied[after.key_json] = after.stable
        else:
            del applied[before.key_json]
    assert applied == stable(newer)


@given(SNAPSHOTS, SNAPSHOTS)
def test_the_digest_can_be_kept_up_with_the_delta_alone(older, newer):
    digest = SetDigest(digest_of(older))
    for before, after in delta(older, newer):
        if before is not None:
            digest.remove(before.stable)
        if after is not None:
            digest.add(after.stable)
    assert digest.hex() == digest_of(newer)


@given(SNAPSHOTS, SNAPSHOTS)
def test_a_delta_names_each_changed_key_once_in_order(older, newer):
    named = [(after or before).key_json for before, after in delta(older, newer)]
    assert named == sorted(set(named))
    old, new = stable(older), stable(newer)
    assert set(named) == {key for key in {*old, *new} if old.get(key) != new.get(key)}


@given(SNAPSHOTS)
def test_a_change_of_volatile_fields_alone_is_no_change(lines):
    touched = [line._replace(volatile=line.volatile + b"!") for line in lines]
    assert list(delta(lines, touched)) == []


@given(SNAPSHOTS, SNAPSHOTS)
def test_pairs_meet_every_line_of_either_stream_once(older, newer):
    met = list(pairs(older, newer))
    assert [before for before, _ in met if before] == older
    assert [after for _, after in met if after] == newer
