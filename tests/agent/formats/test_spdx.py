from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.formats.spdx import LIMIT, expression, identifier, term
from agent.formats.spdx_ids import DEPRECATED, EXCEPTIONS, LICENSES

NAMES = st.sampled_from(["MIT", "Apache-2.0", "GPL-2.0-or-later", "ISC", "BSD-3-Clause", "LicenseRef-own"])
TERMS = NAMES | st.just("GPL-2.0-only WITH Classpath-exception-2.0")
EXPRESSIONS = st.recursive(
    TERMS,
    lambda inner: st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(lambda parts: f"({' '.join(parts)})"),
    max_leaves=8,
)
TOKENS = st.sampled_from(["(", ")", "AND", "and", "OR", "WITH", "MIT", "gpl-2.0+", "Classpath-exception-2.0", ",", "+"])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mit", "MIT"),
        ("APACHE-2.0", "Apache-2.0"),
        ("Apache-2.0+", "Apache-2.0+"),
        ("GPL-2.0", "GPL-2.0-only"),
        ("gpl-2.0+", "GPL-2.0-or-later"),
        ("GFDL-1.3+", "GFDL-1.3-or-later"),
        ("StandardML-NJ", "SMLNJ"),
        ("GPL-2.0-with-classpath-exception", "GPL-2.0-only WITH Classpath-exception-2.0"),
        ("licenseref-Own.1", "LicenseRef-Own.1"),
        ("documentref-other:licenseref-Own", "DocumentRef-other:LicenseRef-Own"),
    ],
)
def test_an_identifier_is_written_as_the_list_has_it_now(name: str, expected: str) -> None:
    assert identifier(name) == expected


@pytest.mark.parametrize(
    "name", ["", "+", "BSD", "GPL-2", "GPL-2.0-only+", "GPL-2.0-or-later+", "LicenseRef-", "LicenseRef-a b", "MIT++"]
)
def test_what_the_list_does_not_have_is_no_identifier(name: str) -> None:
    assert identifier(name) is None


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("apache-2.0 with llvm-exception", "Apache-2.0 WITH LLVM-exception"),
        ("GPL-2.0+ WITH Font-exception-2.0", "GPL-2.0-or-later WITH Font-exception-2.0"),
        ("MIT WITH AdditionRef-own", "MIT WITH AdditionRef-own"),
        ("MIT WITH nothing", None),
        ("MIT WITH LicenseRef-own", None),
        ("nothing WITH LLVM-exception", None),
        ("MIT WITH LLVM-exception WITH LLVM-exception", None),
        ("GPL-2.0-with-font-exception WITH LLVM-exception", None),
        ("MIT ISC", None),
    ],
)
def test_an_exception_is_known_by_its_name_too(words: str, expected: str | None) -> None:
    assert term(words) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(mit)", "MIT"),
        ("MIT OR ISC AND 0BSD", "MIT OR ISC AND 0BSD"),
        ("(MIT OR ISC) AND 0BSD", "(MIT OR ISC) AND 0BSD"),
        ("MIT OR (ISC AND 0BSD)", "MIT OR ISC AND 0BSD"),
        ("MIT AND (ISC AND (0BSD))", "MIT AND ISC AND 0BSD"),
        ("MIT or mit", "MIT"),
        ("MIT AND MIT AND ISC", "MIT AND ISC"),
        ("(MIT OR ISC)AND(0BSD)", "(MIT OR ISC) AND 0BSD"),
        ("(MIT OR MIT) AND ISC", "MIT AND ISC"),
        ("(MIT OR ISC) AND (MIT OR ISC)", "MIT OR ISC"),
    ],
)
def test_only_the_parentheses_that_are_needed_are_written(text: str, expected: str | None) -> None:
    assert expression(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "()",
        "(MIT",
        "MIT)",
        ")MIT(",
        "MIT OR",
        "OR MIT",
        "MIT OR OR ISC",
        "MIT ISC",
        "MIT, ISC",
        "MIT (ISC)",
        "MIT/ISC",
    ],
)
def test_what_is_not_well_formed_is_no_expression(text: str) -> None:
    assert expression(text) is None


def test_an_expression_is_taken_apart_up_to_a_length() -> None:
    assert expression("(" * 500 + "MIT" + ")" * 500) == "MIT"
    assert expression(" OR ".join(["MIT"] * (LIMIT // 7))) == "MIT"
    assert expression(" OR ".join(["MIT"] * LIMIT)) is None


def test_nobody_names_a_group_that_there_is_not() -> None:
    assert expression("(MIT) OR \x000") is None
    assert expression("\x007") is None


@given(EXPRESSIONS)
def test_a_canonical_expression_stays_as_it_is(text: str) -> None:
    canonical = expression(text)
    assert canonical
    assert expression(canonical) == canonical


@settings(max_examples=200)
@given(st.lists(TOKENS, max_size=12).map(" ".join))
def test_what_is_an_expression_here_is_one_to_packaging(text: str) -> None:
    """The library of pip knows the same list; it allows neither lower-case references nor AdditionRef."""
    library = pytest.importorskip("packaging.licenses")
    found = expression(text)
    if found:
        assert library.canonicalize_license_expression(found) == found


def test_the_list_is_that_of_packaging_or_a_newer_one() -> None:
    spdx = pytest.importorskip("packaging.licenses._spdx")
    names = [names["id"] for names in spdx.LICENSES.values()]
    assert [name for name in names if not identifier(name.upper())] == []
    assert [name for name in names if name not in LICENSES.values() and name.lower() not in DEPRECATED] == []
    assert {names["id"] for names in spdx.EXCEPTIONS.values()} <= set(EXCEPTIONS.values())


def test_what_stands_for_deprecated_identifiers_is_an_expression() -> None:
    assert {deprecated: expression(now) for deprecated, now in DEPRECATED.items()} == DEPRECATED
