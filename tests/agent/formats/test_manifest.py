from __future__ import annotations

import pytest

from agent.formats.license import NONE, License
from agent.formats.manifest import any_of, license_in, name_in, some_of, text

MIT, RUBY = License("MIT", "spdx"), License("Ruby", "spdx")
EITHER, OWN = License("MIT AND Ruby", "spdx"), License("our own", "text")


def test_a_field_is_one_line() -> None:
    assert text(" a b ") == "a b"
    assert text(None) is text("") is text(" ") is None


@pytest.mark.parametrize("field", ["a\nb", "a\x00", "\ud800", "\x1b[1m", "a" * 257, 5, [], {}, True])
def test_a_field_that_is_no_line_is_an_error_that_does_not_quote_it(field: object) -> None:
    with pytest.raises(ValueError, match=r"no line of at most 256 characters$"):
        text(field)


def test_a_name_has_to_be_there() -> None:
    with pytest.raises(ValueError, match="names no package"):
        name_in(" ")


@pytest.mark.parametrize("field", [None, "", 5, [], {}, True, "a\x1bb"])
def test_a_licence_that_is_no_text_says_nothing(field: object) -> None:
    assert license_in(field) == NONE


def test_a_licence_is_read_in_the_words_of_its_dialect() -> None:
    assert license_in("MIT") == MIT
    assert license_in("License :: OSI Approved :: MIT License", "trove") == MIT


def test_licences_to_choose_from_are_an_expression_where_all_of_them_are() -> None:
    assert any_of([MIT, NONE, RUBY, MIT]) == License("MIT OR Ruby", "spdx")
    assert any_of([MIT, EITHER]) == License("MIT OR (MIT AND Ruby)", "spdx")
    assert any_of([MIT, OWN]) == License("MIT OR our own", "text")
    assert any_of([MIT]) == MIT
    assert any_of([]) == any_of([NONE]) == NONE


def test_licences_of_which_it_is_not_said_whether_all_hold_are_no_expression() -> None:
    assert some_of([MIT, RUBY]) == License("MIT, Ruby", "text")
    assert some_of([MIT, NONE, MIT]) == MIT
    assert some_of([]) == NONE
