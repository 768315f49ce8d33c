from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.formats import json_text


def test_a_document_is_read_with_its_numbers_as_text() -> None:
    assert json_text.read(b'\xef\xbb\xbf{"a": [1, 2.50, null, true, "\\u00fc"]}') == {
        "a": ["1", "2.50", None, True, "ü"]
    }


def test_bytes_that_are_no_utf_8_are_replaced() -> None:
    assert json_text.read(b'{"author": "M\xfcller", "name": "a"}') == {"author": "M\ufffdller", "name": "a"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "Expecting"),
        (b'{"a": "\x00"}', "control character"),
        (b"[" * 400_000, "more than 200000 values"),
        (b"[" * 150_000, "nested too deep"),
        (b"[" + b"1," * 300_000 + b"1]", "more than 200000 values"),
    ],
)
def test_what_cannot_be_read_is_an_error(content: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        json_text.read(content)


def test_an_error_quotes_nothing() -> None:
    with pytest.raises(ValueError) as caught:
        json_text.read(b'{"token": hunter2}')
    assert "hunter2" not in str(caught.value)


@given(st.binary(max_size=100) | st.text(alphabet='[]{}",:\\u0 \x00a', max_size=40).map(str.encode))
def test_any_bytes_are_read_or_an_error(content: bytes) -> None:
    try:
        json_text.read(content)
    except ValueError:
        return


@given(st.recursive(st.none() | st.booleans() | st.text(), st.lists))
def test_what_json_writes_is_read(document: object) -> None:
    text = json.dumps(document, ensure_ascii=False)
    try:
        content = text.encode()
    except UnicodeEncodeError:
        return
    assert json_text.read(content) == document
