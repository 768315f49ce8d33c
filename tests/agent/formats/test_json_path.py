import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.formats import json_path

JSON = st.recursive(
    st.none() | st.booleans() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


def test_a_value_is_found_by_its_names():
    document = json_path.document(b'{"a": {"b": "c", "d": true, "e": ["x", 1, {}], "n": 7}}')
    assert json_path.text(document, "a", "b") == "c"
    assert json_path.text(document, "a", "n") == "7"
    assert json_path.flag(document, "a", "d") is True
    assert json_path.texts(document, "a", "e") == ("x", "1")
    assert json_path.fields(document, "a")["d"] is True


def test_what_is_not_there_or_of_another_type_is_nothing():
    document = {"a": {"b": "", "c": "x" * 5000, "d": "true"}}
    assert json_path.text(document, "a", "b") is None
    assert json_path.text(document, "a", "c") is None
    assert json_path.text(document, "a", "b", "c") is None
    assert json_path.flag(document, "a", "d") is None
    assert json_path.entries(document, "a") == ()
    assert json_path.fields(document, "a", "b") == {}


@pytest.mark.parametrize("content", [b"", b"[]", b'"x"', b"[" * 100_000, b"\xff", b"{"])
def test_what_is_no_object_raises(content):
    with pytest.raises(ValueError):
        json_path.document(content)


@given(JSON, st.lists(st.text(), max_size=3))
def test_no_value_raises(value, names):
    json_path.text(value, *names)
    json_path.texts(value, *names)
    json_path.flag(value, *names)
    json_path.fields(value, *names)
