"""Parts of a file are read as if they were whole files."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.formats.read_at import of, within

WHOLE = bytes(range(100))


@given(st.integers(0, 110), st.integers(0, 110), st.integers(0, 120), st.integers(0, 120))
def test_a_part_reads_as_its_own_bytes_would(start, size, offset, count):
    part = WHOLE[start : start + size]
    assert within(of(WHOLE), start, size)(offset, count) == of(part)(offset, count) == part[offset : offset + count]


def test_a_part_of_a_part_stays_in_both():
    assert within(within(of(WHOLE), 10, 20), 5, 100)(0, 100) == WHOLE[15:30]
