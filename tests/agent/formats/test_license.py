from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.formats.license import NONE, TEXT, License, license_of

DIALECTS = ("spdx", "debian", "fedora", "trove")
MIT = """
Copyright (c) 2020 Some Body

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
"""


@pytest.mark.parametrize(
    ("declared", "dialect", "expected"),
    [
        ("gpl-2.0+", "spdx", License("GPL-2.0-or-later", "spdx")),
        (" MIT  OR\n Apache-2.0 ", "spdx", License("MIT OR Apache-2.0", "spdx")),
        ("BSD", "spdx", License("BSD", "text")),
        ("Expat", "spdx", License("Expat", "text")),
        ("Expat", "debian", License("MIT", "spdx")),
        ("GPLv2+ and MIT", "fedora", License("GPL-2.0-or-later AND MIT", "spdx")),
        ("GPLv2+ and (BSD or MIT)", "fedora", License("GPLv2+ and (BSD or MIT)", "text")),
        ("License :: OSI Approved :: MIT License", "trove", License("MIT", "spdx")),
        ("License :: OSI Approved :: BSD License", "trove", License("BSD License", "text")),
    ],
)
def test_a_licence_is_an_expression_or_else_what_the_package_calls_it(
    declared: str, dialect: str, expected: License
) -> None:
    assert license_of(declared, dialect) == expected


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("declared", [None, "", " \n\t"])
def test_nothing_is_no_licence(declared: str | None, dialect: str) -> None:
    assert license_of(declared, dialect) == NONE


def test_a_whole_text_is_named_by_its_kind() -> None:
    assert license_of(MIT) == License("MIT", "text")


def test_a_text_of_no_known_kind_is_named_by_its_first_line() -> None:
    assert license_of("\n  Some Own License \n" + "You may do what I say. " * 20) == License("Some Own License", "text")
    assert license_of("x" * 1000) == License("x" * TEXT, "text")


def test_an_expression_that_is_too_long_is_cut_and_so_no_expression() -> None:
    names = " AND ".join(f"LicenseRef-{number}" for number in range(100))
    assert license_of(names) == License(names[:TEXT].strip(), "text")


@settings(max_examples=200)
@given(st.text(max_size=3000) | st.text("()ANDORWITH mit+,-.", max_size=3000), st.sampled_from(DIALECTS))
def test_whatever_is_declared_is_answered_briefly(declared: str, dialect: str) -> None:
    text, form = license_of(declared, dialect)
    assert (text is None) == (form is None) == (not declared.split())
    assert form != "text" or len(text or "") <= TEXT


def test_the_lists_of_licences_are_not_loaded_before_a_licence_is_read() -> None:
    program = (
        "import sys, agent.formats.license; print(any(name.startswith('agent.formats.spdx') for name in sys.modules))"
    )
    command = [sys.executable, "-c", program]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
    assert answer.stdout == "False\n"
