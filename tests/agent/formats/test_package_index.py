from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from agent.formats.package_index import STANZA_LIMIT, Entry, entries

A = b"Package: a\nSource: s (1-1)\nVersion: 1-1+b1\nInstalled-Size: 3\nArchitecture: amd64\nDescription: x\n Version: 9\n"
B = b"Package: b\nVersion: 2\nArchitecture: all\n"
ODD = b"Architecture: all\nVersion:3\nPackage:c\n"
ENTRIES = [Entry(b"a", b"1-1+b1", b"amd64", b"1-1"), Entry(b"b", b"2", b"all", b"2"), Entry(b"c", b"3", b"all", b"3")]


def test_every_stanza_is_a_package() -> None:
    assert list(entries([A + b"\n" + B + b"\n" + ODD + b"\n"])) == ENTRIES


def test_only_packages_of_the_names_that_are_asked_for_are_given() -> None:
    content = [A + b"\n" + B + b"\n" + ODD + b"\n"]
    assert list(entries(content, {b"b"})) == ENTRIES[1:2]
    assert list(entries(content, {b"c", b"a"})) == [ENTRIES[0], ENTRIES[2]]


def test_the_last_stanza_needs_no_empty_line_and_the_first_may_have_some_before_it() -> None:
    assert list(entries([b"\n\n\n" + A + b"\n\n\n" + B])) == ENTRIES[:2]


def test_stanzas_without_name_or_version_are_passed_over() -> None:
    assert list(entries([b"Package: a\n\nVersion: 1\n\nPackage:\nVersion: 1\n\n" + B])) == ENTRIES[1:2]


def test_a_stanza_that_is_too_long_is_passed_over_and_the_next_is_not() -> None:
    long = b"Package: a\nVersion: 1\nDescription: " + b"x" * (STANZA_LIMIT + 1)
    chunks = [long[start : start + 100_000] for start in range(0, len(long), 100_000)]
    assert list(entries([*chunks, b"\n\n", B])) == ENTRIES[1:2]


@given(st.lists(st.sampled_from([A, B, ODD, b"\n", b"\n\n", b"Package: ", b"x", b"\0"])), st.integers(1, 50))
def test_how_the_bytes_are_cut_does_not_matter(parts: list[bytes], size: int) -> None:
    content = b"".join(parts)
    cut = [content[start : start + size] for start in range(0, len(content), size)]
    assert list(entries(cut)) == list(entries([content]))
    assert len(list(entries(cut))) <= len(re.findall(rb"(?m)^Package:", content))
