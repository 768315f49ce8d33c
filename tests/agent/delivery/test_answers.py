"""An answer means what the contract says, and a hostile one means nothing."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.delivery.answers import read_answer, read_token
from agent.delivery.sinks import Have

NOW = 1_800_000_000
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(
        st.lists(inner), st.dictionaries(st.sampled_from(["have", "resend", "epoch", "seq", "error"]), inner)
    ),
)


@given(st.integers(100, 599), st.one_of(st.binary(), JSON.map(lambda value: json.dumps(value).encode())), st.text())
def test_any_answer_is_read_and_is_one_printable_line_where_it_is_a_problem(status, body, header):
    answer = read_answer(status, {"Retry-After": header, "Date": header, "Content-Type": header}, body, NOW)
    assert answer.problem is None or (answer.problem.isprintable() and len(answer.problem) < 400)
    assert (answer.problem is None) <= (status == 200)
    assert answer.retry_after is None or answer.retry_after >= 0
    assert all(type(name) is str for name in answer.resend)


@pytest.mark.parametrize(
    ("have", "expected"),
    [
        ({"epoch": "e1", "seq": 4}, Have("e1", 4)),
        ({"epoch": "e1", "seq": 4, "digest": "d"}, Have("e1", 4)),
        (None, None),
        ({"epoch": "../e", "seq": 4}, None),
        ({"epoch": "e" * 65, "seq": 4}, None),
        ({"epoch": "", "seq": 4}, None),
        ({"epoch": "e", "seq": -1}, None),
        ({"epoch": "e", "seq": True}, None),
        ({"epoch": "e", "seq": 1 << 60}, None),
        ({"epoch": 5, "seq": 4}, None),
    ],
)
def test_what_the_backend_has_is_taken_when_it_can_name_a_file(have, expected):
    assert read_answer(409, {}, json.dumps({"have": have}).encode(), NOW).have == expected


@pytest.mark.parametrize(
    ("value", "seconds"), [("0", 0), ("120", 120), ("-5", None), ("soon", None), ("1" * 12, None), ("", None)]
)
def test_retry_after_is_a_number_of_seconds(value, seconds):
    assert read_answer(429, {"Retry-After": value}, b"{}", NOW).retry_after == seconds


@pytest.mark.parametrize("token", [None, 5, "", "two words", "line\nline", "\N{EURO SIGN}", "x" * 1025])
def test_a_token_that_no_header_can_hold_is_none(token):
    assert read_token(json.dumps({"token": token}).encode()) is None
    assert read_token(b'{"token": "good"}') == "good"
