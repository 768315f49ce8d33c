import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.formats.rfc3339 import seconds


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("1970-01-01T00:00:01Z", 1),
        ("2024-05-01T12:00:00.123456789Z", 1714564800),
        ("2024-05-01T14:00:00+02:00", 1714564800),
        ("2024-05-01T10:30:00-01:30", 1714564800),
        ("0001-01-01T00:00:00Z", None),
        ("2024-13-01T00:00:00Z", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_a_moment_is_seconds_since_1970_and_anything_else_is_none(moment, expected):
    assert seconds(moment) == expected


@given(st.text() | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", fullmatch=True))
def test_no_text_raises(text):
    seconds(text)
