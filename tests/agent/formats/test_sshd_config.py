from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.formats.sshd_config import Directive, directives, seconds


def test_lines_are_taken_apart_as_sshd_does() -> None:
    lines = [
        b'  Port = "22" # x',
        b"#Port 23",
        b"AllowUsers a 'b c' d\\ e\r",
        b"Banner",
        b'Banner "open',
        b'"Port" 24',
        b"a==b",
    ]
    assert list(directives(lines)) == [
        Directive(1, "port", ("22",)),
        Directive(3, "allowusers", ("a", "b c", "d e")),
        Directive(6, "port", ("24",)),
        Directive(7, "a", ("=b",)),
    ]


def test_times_are_read_in_their_units() -> None:
    assert [seconds(text) for text in ("90", "1m30s", "2H", "1w", "", "m", "1x")] == [
        90,
        90,
        7200,
        604800,
        None,
        None,
        None,
    ]


@given(st.lists(st.binary()))
def test_any_bytes_are_read(lines: list[bytes]) -> None:
    assert all(each.arguments for each in directives(lines))
