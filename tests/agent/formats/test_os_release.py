from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.formats.os_release import parse


def test_a_real_file_is_read() -> None:
    text = b'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n'
    assert parse(text) == {
        "PRETTY_NAME": "Debian GNU/Linux 12 (bookworm)",
        "NAME": "Debian GNU/Linux",
        "VERSION_ID": "12",
        "ID": "debian",
    }


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (b"A=b", "b"),
        (b"A=", ""),
        (b'A=""', ""),
        (b"A='b c'", "b c"),
        (b"A='b\\c'", "b\\c"),
        (b'A="b\\"c\\\\d\\$e\\`f"', 'b"c\\d$e`f'),
        (b'A="b\\nc"', "b\\nc"),
        (b"A=b\\ c", "b c"),
        (b"A=b'c'\"d\"", "bcd"),
        (b"  A=b  \r", "b"),
        (b"A=caf\xc3\xa9", "café"),
        (b"A=\xff", "\udcff"),
    ],
)
def test_a_value_is_unquoted_as_a_shell_does(line: bytes, value: str) -> None:
    assert parse(line) == {"A": value}


@pytest.mark.parametrize(
    "line", [b"", b"# A=b", b"A", b"A =b", b"1A=b", b"A='b", b'A="b', b"A=b c", b"A=b;c", b"export A=b"]
)
def test_what_is_no_assignment_is_passed_over(line: bytes) -> None:
    assert parse(line + b"\nB=c\n") == {"B": "c"}


def test_the_last_assignment_counts() -> None:
    assert parse(b"A=1\nA=2\n") == {"A": "2"}


@given(st.binary())
def test_any_bytes_can_be_read(content: bytes) -> None:
    parse(content)


@given(st.text(st.sampled_from("AB='\"\\$`# \n;x")))
def test_any_quoting_can_be_read(text: str) -> None:
    parse(text.encode())


@given(
    st.dictionaries(
        st.from_regex(r"[A-Z][A-Z_0-9]{0,5}", fullmatch=True),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n'")),
    )
)
def test_values_in_single_quotes_come_back(values: dict[str, str]) -> None:
    text = "".join(f"{name}='{value}'\n" for name, value in values.items())
    assert parse(text.encode()) == values
