from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.formats.sudoers import Include, Setting, Tags, statements


def test_settings_are_told_apart_from_those_of_some_users() -> None:
    lines = [b"Defaults env_reset , !use_pty", b'Defaults:a, b logfile = "/a,b"', b"Defaults!/bin/ls !!use_pty"]
    assert list(statements(lines)) == [
        Setting(1, "", "env_reset", "", True),
        Setting(1, "", "use_pty", "", False),
        Setting(2, ":a, b", "logfile", "/a,b", True),
        Setting(3, "!/bin/ls", "use_pty", "", True),
    ]


def test_includes_are_no_comments_and_ids_are_none_either() -> None:
    lines = [
        b"#include a\\ b",
        b"@includedir /etc/x",
        b"# include c",
        b"#1000 ALL = NOPASSWD : ALL # PASSWD: x",
        b"User_Alias A = b",
    ]
    assert list(statements(lines)) == [
        Include(1, "a b", False),
        Include(2, "/etc/x", True),
        Tags(4, ("NOPASSWD",)),
    ]


@given(st.lists(st.binary()))
def test_any_bytes_are_read(lines: list[bytes]) -> None:
    assert len(list(statements([b"Defaults " + line for line in lines]))) >= 0


def test_a_line_that_might_be_read_in_many_ways_is_read_fast() -> None:
    assert list(statements([b"Defaults:" + b"\\a" * 5000 + b","])) == []
