"""Both sides of the contract read what the other wrote, and name what is wrong with anything else."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from agent.model.codec import Line
from agent.model.envelope import (
    Envelope,
    Heartbeat,
    SectionState,
    read_envelope,
    read_heartbeat,
    write_delete,
    write_envelope,
    write_heartbeat,
    write_put,
)

DELTA = Envelope(1, "agent-1", "host", "e", 7, 6, "delta", 1, 2, "partial", (None, "dpkg:"), 5, 9, "0" * 64)
BEAT = Heartbeat(1, "agent-1", 5, "0.1.0", {"host": SectionState("complete", 5, "e", 7, "0" * 64, None)}, 3)


def test_an_envelope_is_read_as_written():
    assert read_envelope(write_envelope(DELTA)) == DELTA
    snapshot = replace(DELTA, type="snapshot", base_seq=None)
    assert read_envelope(write_envelope(snapshot)) == snapshot


def test_a_heartbeat_is_read_as_written():
    assert read_heartbeat(write_heartbeat(BEAT)) == BEAT


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("schema", 2),
        ("schema", None),
        ("agent", 5),
        ("section", None),
        ("seq", "7"),
        ("seq", True),
        ("type", "other"),
        ("base_seq", None),
        ("part", 0),
        ("part", 3),
        ("hides", "x"),
        ("digest", None),
        ("unknown", 1),
    ],
)
def test_an_envelope_that_breaks_the_contract_is_refused_with_the_name(name, value):
    fields = {**asdict(DELTA), name: value}
    with pytest.raises(ValueError, match=name):
        read_envelope(json.dumps(fields).encode())


@pytest.mark.parametrize("name", list(asdict(DELTA)))
def test_an_envelope_without_a_field_is_refused(name):
    fields = asdict(DELTA)
    del fields[name]
    with pytest.raises(ValueError, match=name):
        read_envelope(json.dumps(fields).encode())


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"5", b"\xff", b'{"schema":1}', b'{"schema":1,"sections":{"a":5}}'])
@pytest.mark.parametrize("read", [read_envelope, read_heartbeat])
def test_anything_else_is_a_value_error(read, body):
    with pytest.raises(ValueError):
        read(body)


def test_put_and_delete_lines_are_json_objects():
    line = Line(b'"a"', b'{"key":"a"}', b'{"pid":1}')
    assert json.loads(write_put(line)) == {"put": {"key": "a"}, "volatile": {"pid": 1}}
    assert json.loads(write_delete(line.key_json)) == {"delete": "a"}
