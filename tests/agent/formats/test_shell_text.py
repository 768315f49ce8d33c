from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.formats.shell_text import commands, mask, umasks, variable


def test_commands_are_found_where_a_shell_would_begin_them() -> None:
    lines = [b"if [ x ]; then A=1; fi # B=2", b'echo "; C=3"', b"(D=4)", b"x && E=\\", b"5 || exit"]
    words = [command.words[0] for command in commands(lines)]
    assert words == ["[", "A=1", "fi", "echo", "D=4", "x", "E=5", "exit"]


def test_a_variable_is_readonly_and_exported_by_any_command() -> None:
    found = variable(commands([b"readonly T", b"declare -x T=5", b"echo T=6"]), "T")
    assert (found.values, found.readonly, found.exported) == ((("5", 2),), True, True)


def test_masks_are_read_in_both_forms() -> None:
    assert [mask(text) for text in ("027", "0077", "u=rwx,g=rx,o=", "a=rx", "g-w", "8")] == [
        0o27,
        0o77,
        0o27,
        0o222,
        None,
        None,
    ]
    assert list(umasks(commands([b"umask -S", b"umask -p 027"]))) == [("027", 2, 0o27)]


@given(st.lists(st.binary()))
def test_any_bytes_are_read(lines: list[bytes]) -> None:
    assert all(command.words for command in commands(lines))
