from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.formats.dep5 import license_in
from agent.formats.license import NONE, TEXT, License

HEADER = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: tea\n"
TEXTS = "\nLicense: Unheard-of\n the words of a licence that no Files stanza names\n"


def stanza(files: str, license_field: str) -> str:
    return f"\nFiles: {files}\nCopyright: 2020 A\n           2021 B\nLicense: {license_field}\n"


def read(*stanzas: str, header: str = HEADER) -> License:
    return license_in((header + "".join(stanzas) + TEXTS).encode())


def test_the_licences_of_all_files_are_joined() -> None:
    stanzas = stanza("*", "GPL-2+"), stanza("a/*\n b/*", "Expat\n Permission is\n .\n hereby"), stanza("c", "GPL-2+")
    assert read(*stanzas) == License("GPL-2.0-or-later AND MIT", "spdx")


def test_a_choice_stays_one_in_parentheses() -> None:
    stanzas = stanza("*", "GPL-1+ or Artistic"), stanza("b", "Expat and ISC")
    assert read(*stanzas) == License("(GPL-1.0-or-later OR Artistic-1.0-Perl) AND MIT AND ISC", "spdx")


def test_the_order_of_stanzas_makes_no_difference() -> None:
    stanzas = [stanza("*", "Expat"), stanza("b", "GPL-2+ and ISC"), stanza("c", "Zlib or Expat")]
    assert read(*stanzas) == read(*reversed(stanzas))


def test_one_name_that_is_not_known_makes_all_of_them_text() -> None:
    stanzas = (
        stanza("*", "Expat"),
        stanza("b", "GPL-2+ or public-domain"),
        stanza("c", "BSD-3-clause"),
        stanza("d", "expat"),
    )
    assert read(*stanzas) == License("BSD-3-clause, Expat, GPL-2+ or public-domain", "text")


def test_the_packaging_counts_only_alone() -> None:
    assert read(stanza("*", "Expat"), stanza("debian/*", "GPL-2+")) == License("MIT", "spdx")
    assert read(stanza("debian/* debian/x", "GPL-2+")) == License("GPL-2.0-or-later", "spdx")
    assert read(stanza("src debian/*", "Expat"), stanza("b", "ISC")) == License("ISC AND MIT", "spdx")


def test_the_summary_of_the_header_counts_only_alone() -> None:
    header = HEADER + "License: GPL-3\n"
    assert read(stanza("*", "Expat"), header=header) == License("MIT", "spdx")
    assert read(header=header) == License("GPL-3.0-only", "spdx")


def test_a_licence_before_its_files_is_theirs() -> None:
    assert read("\nLicense: ISC\nFiles: *\n", stanza("b", "Expat")) == License("ISC AND MIT", "spdx")


def test_windows_line_ends_and_empty_lines_at_the_start_make_no_difference() -> None:
    text = "\n\n" + HEADER + stanza("*", "Expat") + stanza("b", "ISC")
    assert license_in(text.replace("\n", "\r\n").encode()) == License("ISC AND MIT", "spdx")


def test_files_without_a_name_for_their_licence_are_searched_for_its_text() -> None:
    inline = stanza("b", "\n Redistribution and use in source and binary\n forms, with or without modification")
    assert read(stanza("*", "Expat"), inline) == License("BSD", "text")


def test_any_other_file_is_searched_for_texts_and_references() -> None:
    content = b"It is free: see /usr/share/common-licenses/GPL-2.\n\nPermission is hereby granted, free of\ncharge, to any person obtaining"
    assert license_in(content) == License("GPL-2, MIT", "text")


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"Copyright 2020 A. All rights reserved.", b"Files: *\nLicense: MIT\n"]
)
def test_without_a_licence_that_is_known_there_is_none(content: bytes) -> None:
    assert license_in(content) == NONE


def test_names_beyond_the_limit_are_dots() -> None:
    text, form = read(*(stanza(f"f{number}", f"own-licence-{number}") for number in range(20, 60)))
    assert form == "text"
    assert text and text.endswith(", ...") and len(text) <= TEXT
    assert text.split(", ")[:-1] == [f"own-licence-{number}" for number in range(20, 20 + text.count(","))]
    assert read(stanza("*", "x" * 500)) == License("x" * 196 + " ...", "text")


@settings(max_examples=200)
@given(
    st.lists(
        st.sampled_from(
            [b"Format:", b"\n", b"\n\n", b"Files:", b"License:", b" ", b"*", b"GPL-2+", b"\xff", b"debian/x", b"\r"]
        )
        | st.binary(max_size=20)
    )
)
def test_whatever_the_file_holds_it_is_answered_briefly(pieces: list[bytes]) -> None:
    text, form = license_in(b"".join(pieces))
    assert (text is None) == (form is None)
    assert form != "text" or len(text or "") <= TEXT
