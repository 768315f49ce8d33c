"""The same fact is the same bytes; different facts never become one."""

from __future__ import annotations

import dataclasses
import json
import os
import typing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.model.codec import as_line, decode, dumps, encode, printable
from agent.model.records import HOMES, Address, Gap, Package, class_of

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
RAW = st.lists(
    st.one_of(st.binary(max_size=3), st.sampled_from([b"\\", b"x", b"x5c", b"xff", b"\xff"])), max_size=5
).map(lambda pieces: b"".join(pieces).decode(errors="surrogateescape"))


def values(kind: type) -> st.SearchStrategy:
    """Any record of a kind, from the types of its fields."""
    hints = typing.get_type_hints(kind)
    return st.builds(kind, **{field.name: _of(hints[field.name]) for field in dataclasses.fields(kind)})


def _of(hint: object) -> st.SearchStrategy:
    known = {str: RAW, int: st.integers(-(2**53), 2**53), bool: st.booleans(), type(None): st.none()}
    if hint in known:
        return known[hint]
    inner = typing.get_args(hint)
    if typing.get_origin(hint) is tuple:
        return st.lists(_of(inner[0]), max_size=3).map(tuple)
    return st.one_of(*map(_of, inner))


# Python 3.9 cannot evaluate the annotation `str | None` that the records are written with.
evaluable = pytest.mark.skipif(not hasattr(type, "__or__"), reason="needs Python 3.10 to read the annotations")


@evaluable
@pytest.mark.parametrize("kind", [class_of(kind) for kind in HOMES], ids=list(HOMES))
@settings(max_examples=25)
@given(st.data())
def test_every_record_can_be_read_back(kind, data):
    record = data.draw(values(kind))
    line = encode(record)
    assert decode(line.stable, line.volatile) == record


@evaluable
@pytest.mark.parametrize("kind", [class_of(kind) for kind in HOMES], ids=list(HOMES))
@settings(max_examples=25)
@given(st.data())
def test_every_field_is_in_the_stable_or_in_the_volatile_column(kind, data):
    line = encode(data.draw(values(kind)))
    stable, volatile = json.loads(line.stable), json.loads(line.volatile)
    assert set(volatile) == set(kind.VOLATILE)
    assert {*stable, *volatile} == {field.name for field in dataclasses.fields(kind)} | {"kind", "key"}
    assert len(stable) + len(volatile) == len(dataclasses.fields(kind)) + 2


def test_names_are_sorted_and_nothing_is_escaped_that_need_not_be():
    line = encode(Gap("/\N{LATIN SMALL LETTER E WITH ACUTE}\t", "denied", 'a "quote"', None))
    assert line.key_json == b'"gap:/\xc3\xa9\\t"'
    assert line.stable == (
        b'{"detail":"a \\"quote\\"","hides":null,"key":"gap:/\xc3\xa9\\t","kind":"gap",'
        b'"reason":"denied","subject":"/\xc3\xa9\\t"}'
    )
    assert line.volatile == b"{}"


@given(RAW)
def test_a_line_holds_neither_tabs_nor_line_ends(text):
    line = encode(Address(text, text, None, "link"))
    assert not any(byte in column for column in line for byte in b"\t\n\r")


@given(RAW, RAW)
def test_names_that_differ_as_bytes_differ_as_text(first, second):
    assert (printable(first) == printable(second)) == (first == second)


@given(RAW)
def test_a_record_read_back_is_the_same_bytes_again(text):
    line = encode(Gap(text, "denied", r"\xff\x5c" + text, None))
    assert encode(decode(line.stable, line.volatile)) == line


@given(RAW)
def test_names_become_text_that_any_reader_takes(text):
    json.loads(dumps(text).decode("utf-8", "strict"))


@given(TEXT)
def test_names_without_escapes_stay_as_they_are(text):
    if "\\x" not in text:
        assert json.loads(dumps(text)) == text


def test_bytes_that_are_not_utf8_are_written_as_escapes():
    name = os.fsdecode(b"a\xff\\xff")
    assert json.loads(dumps({name: [name]})) == {r"a\xff\x5cxff": [r"a\xff\x5cxff"]}


@pytest.mark.parametrize(
    "stable",
    [b"", b"5", b"[]", b"{}", b'{"kind":"gap"}', b'{"kind":"other","key":"a"}', b'{"kind":"gap","key":"a","x":1}'],
)
def test_what_is_no_record_is_a_value_error(stable):
    with pytest.raises(ValueError, match="not a record"):
        decode(stable)


def test_a_line_for_people_names_section_kind_and_key_first():
    record = Address("eth0", "10.0.0.1", 24, "private")
    assert as_line(record, "host") == (
        b'{"section":"host","kind":"address","key":"%b","interface":"eth0","address":"10.0.0.1","prefix":24,'
        b'"scope":"private"}\n' % record.key.encode()
    )


@evaluable
@pytest.mark.parametrize("kind", [class_of(kind) for kind in HOMES], ids=list(HOMES))
@settings(max_examples=25)
@given(st.data())
def test_a_line_for_people_is_the_json_of_its_values(kind, data):
    record = data.draw(values(kind))
    line = {"section": "s", "kind": kind.KIND, "key": record.key, **dataclasses.asdict(record)}
    assert as_line(record, "s") == dumps(line, canonical=False) + b"\n"


def test_a_change_of_a_volatile_field_leaves_the_stable_column():
    package = Package(
        "dpkg",
        "a",
        "1",
        0,
        "1",
        None,
        "all",
        "a",
        "1",
        None,
        "installed",
        None,
        None,
        None,
        None,
        "/var/lib/dpkg/status",
        5,
    )
    later = dataclasses.replace(package, installed_at=6)
    assert encode(later).stable == encode(package).stable
    assert encode(later).volatile != encode(package).volatile
