"""A message is the same bytes each time, in parts that keep within the limit."""

from __future__ import annotations

import gzip
import hashlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.delivery.message import Packing, operations, parts
from agent.model.codec import Line
from agent.model.envelope import SNAPSHOT, Envelope, read_envelope

ENVELOPE = Envelope(1, "agent-1", "host", "e", 7, None, SNAPSHOT, 1, 1, "complete", (), 5, 9, "0" * 64)
LIMIT = 2000


def noise(size: int, seed: int) -> bytes:
    return random.Random(seed).randbytes(size).hex().encode() + b"\n"


def content(body: bytes, compressed: bool) -> list[bytes]:
    return (gzip.decompress(body) if compressed else body).splitlines(keepends=True)


@given(
    st.lists(
        st.one_of(
            st.integers(1, 400).map(lambda n: b"x" * n + b"\n"), st.integers(0, 99).map(lambda n: noise(n * 3, n))
        )
    ),
    st.booleans(),
)
def test_parts_hold_every_line_once_in_order_and_keep_the_limit(lines, compress):
    made = list(parts(ENVELOPE, lambda: iter(lines), Packing(LIMIT, compress)))
    envelopes = [read_envelope(content(part.body, compress)[0]) for part in made]
    assert [sent.part for sent in envelopes] == list(range(1, len(made) + 1))
    assert {sent.parts for sent in envelopes} == {len(made)}
    assert [line for part in made for line in content(part.body, compress)[1:]] == lines
    assert all(len(part.body) <= LIMIT for part in made)


def test_a_part_is_filled_before_another_is_begun():
    lines = [noise(100, number) for number in range(2000)]
    made = list(parts(ENVELOPE, lambda: iter(lines), Packing(50_000, True)))
    assert all(len(part.body) > 45_000 for part in made[:-1])


@pytest.mark.parametrize("compress", [True, False])
@pytest.mark.parametrize("limit", [700, 2000, 40_000])
def test_lines_that_cannot_be_compressed_fill_parts_up_to_the_limit_and_not_beyond(limit, compress):
    """Where there are a thousand parts, their numbers are longer than when they were counted."""
    sizes = random.Random(limit)
    lines = [sizes.randbytes(sizes.randint(1, limit // 8)).replace(b"\n", b"") + b"\n" for _ in range(9000)]
    made = list(parts(ENVELOPE, lambda: iter(lines), Packing(limit, compress)))
    assert len(made) > 500
    assert max(len(part.body) for part in made) <= limit
    assert max(len(part.body) for part in made) > limit - 256


def test_a_line_longer_than_the_limit_is_a_part_of_its_own():
    lines = [b"a\n", noise(4000, 1), b"b\n"]
    made = list(parts(ENVELOPE, lambda: iter(lines), Packing(LIMIT, True)))
    assert [content(part.body, True)[1:] for part in made] == [[line] for line in lines]


def test_a_message_without_lines_is_its_envelope():
    (part,) = parts(ENVELOPE, lambda: iter(()), Packing())
    assert content(part.body, True) == [content(part.body, True)[0]]


def test_the_same_message_is_the_same_bytes_and_keys():
    lines = [noise(500, number) for number in range(20)]
    first, second = (list(parts(ENVELOPE, lambda: iter(lines), Packing(LIMIT, True))) for _ in range(2))
    assert first == second
    assert [part.idempotency_key for part in first] == [part.idempotency_key for part in second]
    assert len({part.idempotency_key for part in first}) == len(first) > 1
    assert first[0].body[4:8] == bytes(4)


@pytest.mark.parametrize("field", ["agent", "section", "epoch", "seq", "part"])
def test_the_idempotency_key_depends_on_what_the_message_is(field):
    (part,) = parts(ENVELOPE, lambda: iter(()), Packing())
    value = 8 if field in ("seq", "part") else "other"
    other = part._replace(envelope=Envelope(**{**vars(part.envelope), field: value}))
    assert other.idempotency_key != part.idempotency_key
    assert part._replace(body=b"").idempotency_key != part.idempotency_key
    assert len(part.idempotency_key) == len(hashlib.sha256().hexdigest())


def test_operations_put_what_appeared_or_changed_and_delete_what_is_gone():
    older = [Line(b'"a"', b'{"a":1}', b"{}"), Line(b'"b"', b'{"b":1}', b"{}")]
    newer = [Line(b'"b"', b'{"b":2}', b'{"v":1}')]
    assert list(operations(older, newer)) == [b'{"delete":"a"}\n', b'{"put":{"b":2},"volatile":{"v":1}}\n']
