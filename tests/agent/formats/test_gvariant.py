from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.formats.flatpak import deployment
from agent.formats.gvariant import ends, text, texts

PAIR = b"a\0" + b"\0" * 6 + b"b\0\0s" + b"\x02"
"""The entry 'a': <'b'>, by the specification's rules; real files are read in tests of the collector."""


def test_a_string_ends_with_a_null_character() -> None:
    assert text(b"a b\xc3\xbc\xff\0") == "a bü\udcff"


@pytest.mark.parametrize("value", [b"", b"a", b"a\0b\0"])
def test_what_has_no_null_character_at_its_end_alone_is_no_string(value: bytes) -> None:
    with pytest.raises(ValueError, match="a string"):
        text(value)


def test_the_entries_of_a_dictionary_that_are_strings_are_given() -> None:
    number = b"n\0" + b"\0" * 6 + b"\1\0\0\0" + b"\0u" + b"\x02"
    first = PAIR + b"\0" * (16 - len(PAIR) % 16) if len(PAIR) % 16 else PAIR
    array = first + number
    assert dict(texts(array + bytes([len(PAIR), len(array)]))) == {"a": "b"}


def test_an_empty_dictionary_has_no_entries() -> None:
    assert list(texts(b"")) == []


@pytest.mark.parametrize("size", [200, 300, 70000])
def test_wider_containers_have_wider_ends(size: int) -> None:
    width = 1 if size + 16 < 256 else 2 if size + 16 < 65536 else 4
    element = b"a\0" + b"\0" * 6 + b"x" * size + b"\0\0s" + (2).to_bytes(width, "little")
    array = element + len(element).to_bytes(width, "little")
    assert dict(texts(array)) == {"a": "x" * size}


@pytest.mark.parametrize("count", [1, 3])
def test_what_is_shorter_than_its_ends_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="shorter"):
        ends(b"\0" * (count - 1), count)


def test_members_that_end_before_they_begin_are_refused() -> None:
    with pytest.raises(ValueError, match="before they begin"):
        ends(b"abc\x01\x02", 2)


@settings(max_examples=300)
@given(
    st.binary(max_size=600)
    | st.lists(st.sampled_from([PAIR, b"\0", b"\0s", b"\x02", b"\x0d", b"\xff"]), max_size=80).map(b"".join)
)
def test_nothing_but_a_value_error_is_raised_over_any_bytes(content: bytes) -> None:
    for read in (deployment, lambda content: list(texts(content))):
        try:
            read(content)
        except ValueError:
            pass
