"""agent/collectors/integrity/event_lines.py: lines as the watcher writes them, and damaged ones."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.collectors.integrity.event_lines import event_of, united
from agent.formats.fanotify_event import CREATE, MODIFY
from agent.host.actors import Actor
from agent.watch.event_line import line
from agent.watch.tally import Count

FIELDS = {
    "minute": 1_800_000_000,
    "path": "/etc/passwd",
    "actions": ["modify"],
    "count": 2,
    "first_at": 1_800_000_001,
    "last_at": 1_800_000_009,
    "pid": 77,
    "executable": "/usr/bin/vi",
    "container": None,
    "uid": 0,
    "login_uid": 1000,
}


def written(**changes):
    return json.dumps({**FIELDS, **changes}).encode()


def test_a_line_of_the_watcher_is_read_as_it_was_meant():
    name = b"/etc/\xff\n\\x41\xc3\xa4".decode("utf-8", "surrogateescape")
    actor = Actor(executable="/usr/bin/vi", container="abc", uid=5, login_uid=None)
    event = event_of(line(Count(1_800_000_000, 0, name, CREATE | MODIFY, 3, 1_800_000_001, 1_800_000_002, actor)))
    assert (event.path, event.actions, event.count, event.pid) == (name, ("create", "modify"), 3, None)
    assert (event.executable, event.container, event.uid, event.login_uid) == ("/usr/bin/vi", "abc", 5, None)


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("value", [-1, 1 << 60, 1.5, True, "x", [], [[]], ["x"], {}], ids=repr)
def test_a_field_of_another_type_is_damage(name, value):
    if name in ("executable", "container") and value == "x":
        return
    with pytest.raises(ValueError):
        event_of(written(**{name: value}))


def test_a_field_that_is_missing_is_damage():
    for name in FIELDS:
        with pytest.raises(ValueError):
            event_of(json.dumps({key: value for key, value in FIELDS.items() if key != name}).encode())


@pytest.mark.parametrize("content", [b"", b"\n", b"{", b"[]", b"null", b"[" * 60_000, b"\xff", b"1" * 60_000])
def test_what_is_no_object_is_damage(content):
    with pytest.raises(ValueError):
        event_of(content)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 400))
def test_any_bytes_are_an_event_or_damage(noise, place):
    content = written()
    try:
        event_of(content[:place] + noise + content[place + len(noise) :])
    except ValueError:
        pass


def test_a_later_line_counts_what_the_earlier_one_did_and_both_tell_what_happened():
    early = event_of(written(actions=["create"], count=2, last_at=1_800_000_005))
    late = event_of(written(actions=["modify"], count=5, first_at=1_800_000_003))
    both = united(early, late)
    assert (both.actions, both.count, both.first_at, both.last_at) == (
        ("create", "modify"),
        5,
        1_800_000_001,
        1_800_000_009,
    )
    assert united(late, early) == both
    assert united(both, early) == united(both, late) == both
