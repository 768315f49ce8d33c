from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.formats.pam_config import Line, lines


def test_lines_are_assembled_as_libpam_does() -> None:
    content = [
        b"-AUTH [success=1 \\",
        b"  default=ignore] pam_unix.so nullok # x",
        b"#auth required a.so",
        b"@include common-auth",
        b"auth required",
    ]
    assert list(lines(content)) == [
        Line(1, "auth", "[success=1  default=ignore", "pam_unix.so", ("nullok",)),
        Line(4, "", "include", "common-auth", ()),
    ]


def test_an_argument_in_brackets_is_one() -> None:
    (line,) = lines([b"auth required pam_x.so [query=a b] debug"])
    assert line.arguments == ("query=a b", "debug")


@given(st.lists(st.binary()))
def test_any_bytes_are_read(content: list[bytes]) -> None:
    assert all(line.module for line in lines(content))
