from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.formats.dpkg import STANZA_LIMIT, CutOff, Stanza, source, stanzas, whole

WHOLE = b"Package: a\nStatus: install ok installed\nVersion: 1\n\n"


def test_every_field_that_becomes_a_fact_is_read() -> None:
    text = (
        b"Package: liba\nStatus: hold ok installed\nPriority: optional\nSection: contrib/libs\nOrigin: Acme\n"
        b"Architecture: i386\nMulti-Arch: same\nSource: a (1:2-3)\nVersion: 1:2-3+b1\nVendor: Acme Ltd\n\n"
    )
    assert [found[:-1] for found in stanzas([text])] == [
        ("liba", "hold ok installed", "1:2-3+b1", "i386", "a (1:2-3)", "contrib/libs", "Acme", "Acme Ltd", "same")
    ]


def test_fields_that_are_absent_or_empty_are_none() -> None:
    assert next(whole(b"Package: a\nVersion:\nSection: \n"))[:-1] == ("a", *[None] * 8)


def test_a_stanza_is_kept_for_fields_that_are_read_later() -> None:
    assert next(whole(b"Package: a\nConffiles:\n /etc/a 1\n")).text == "\nPackage: a\nConffiles:\n /etc/a 1\n"


def test_a_continuation_line_is_no_field() -> None:
    found = next(whole(b"Package: a\nDescription: x\n Version: 9\n .\n Package: evil\nVersion: 1\n"))
    assert (found.name, found.version) == ("a", "1")


def test_a_field_whose_name_merely_ends_like_one_is_another() -> None:
    assert next(whole(b"Package: a\nConfig-Version: 9\nX-Source: b\n")).version is None


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_pieces_of_any_size_give_the_same_stanzas(size: int) -> None:
    text = WHOLE * 20
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    assert list(stanzas(pieces)) == list(whole(text))


@given(st.binary(), st.lists(st.integers(0, 50)))
def test_any_bytes_in_any_pieces_give_stanzas_or_cut_off(content: bytes, cuts: list[int]) -> None:
    assert read([content]) == read(pieces_of(content, cuts))


@given(st.lists(st.sampled_from([b"Package", b":", b" ", b"a", b"\n", b"\n\n", b"\r\n", b"Status", b"\xff", b"\0"])))
def test_fragments_of_stanzas_give_stanzas_or_cut_off(fragments: list[bytes]) -> None:
    assert read([b"".join(fragments)]) == read(fragments)


def test_windows_line_ends_make_no_difference() -> None:
    text = WHOLE * 3
    windows = stanzas([text.replace(b"\n", b"\r\n")])
    assert [found[:-1] for found in windows] == [found[:-1] for found in stanzas([text])]


def test_several_empty_lines_between_stanzas_make_no_difference() -> None:
    assert len(list(stanzas([b"\n\n" + WHOLE + b"\n\n\n" + WHOLE]))) == 2


def test_an_empty_file_has_no_stanza() -> None:
    assert list(stanzas([])) == []


def test_a_stanza_cut_within_a_line_is_not_given() -> None:
    assert read([WHOLE + b"Package: b\nStatus: install ok installed\nVersion: 1.0"]) == (["a"], True)


def test_a_stanza_cut_after_its_version_is_given_and_the_cut_is_told() -> None:
    assert read([WHOLE + b"Package: b\nStatus: install ok installed\nVersion: 1\n"]) == (["a", "b"], True)


@pytest.mark.parametrize("lines", [b"Package: b\n", b"Package: b\nVersion: 1\n", b"Package: b\nStatus: a b c\n"])
def test_a_stanza_cut_before_status_or_version_is_not_given(lines: bytes) -> None:
    assert read([WHOLE + lines]) == (["a"], True)


def test_a_file_outside_the_database_needs_no_empty_line_at_its_end() -> None:
    assert [found.version for found in whole(b"Package: a\nVersion: 1")] == ["1"]


def test_bytes_that_are_no_utf_8_come_through() -> None:
    found = next(whole(b"Package: a\xff\nOrigin: \xe9\n"))
    assert (found.name, found.origin) == ("a\udcff", "\udce9")


def test_a_long_field_is_read_and_an_endless_stanza_loses_its_name() -> None:
    long = b"Package: a\nDescription: " + b"x" * 500_000 + b"\n" + b" more\n" * 10_000 + b"Version: 1\n\n"
    assert [found.version for found in stanzas([long])] == ["1"]
    endless = [b"Package: a\nDescription: ", *[b"x" * 100_000] * (STANZA_LIMIT // 100_000 + 2), b"\n\n", WHOLE]
    assert [found.name for found in stanzas(endless)] == [None, "a"]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (None, ("liba", "1-1+b1")),
        ("a", ("a", "1-1+b1")),
        ("a (1-1)", ("a", "1-1")),
        ("a(1-1)", ("a", "1-1")),
        ("a ( 1-1 )", ("a", "1-1")),
        ("a (", ("a", "1-1+b1")),
    ],
)
def test_the_source_package_is_the_package_itself_unless_it_names_another(
    field: str | None, expected: tuple[str, str]
) -> None:
    assert source(Stanza("liba", None, "1-1+b1", None, field, None, None, None, None)) == expected


def read(pieces: list[bytes]) -> tuple[list[str | None], bool]:
    names: list[str | None] = []
    try:
        names.extend(found.name for found in stanzas(pieces))
    except CutOff:
        return names, True
    return names, False


def pieces_of(content: bytes, cuts: list[int]) -> list[bytes]:
    pieces = []
    for cut in cuts:
        pieces.append(content[:cut])
        content = content[cut:]
    return [*pieces, content]
