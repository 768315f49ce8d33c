import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.formats.fanotify_event import CREATE, ITSELF, ON_DIRECTORY, OVERFLOW, Event, events

NUMBER = b"\x4a\xee\x59\x0f\xe7\x32\xd2\x90"
HANDLE = struct.pack("=Ii", 8, 1) + b"\xdd\x40\x16\x00\x2e\x7e\x0a\x39"


def event(mask, pid, *records, version=3):
    body = b"".join(records)
    return struct.pack("=IBBHQii", 24 + len(body), version, 0, 24, mask, -1, pid) + body


def record(kind, content):
    padded = content + bytes(-len(content) % 4)
    return struct.pack("=BBH", kind, 0, 4 + len(padded)) + padded


def named(name, kind=2):
    return record(kind, NUMBER + HANDLE + name + b"\0")


def test_an_event_has_its_process_directory_and_name():
    assert list(events(event(CREATE, 42, named(b"file")))) == [Event(CREATE, 42, NUMBER + HANDLE, b"file")]


def test_events_follow_one_another():
    both = event(CREATE, 1, named(b"one")) + event(CREATE | ON_DIRECTORY, 2, named(ITSELF))
    assert [found.name for found in events(both)] == [b"one", ITSELF]


def test_records_of_other_kinds_are_passed_over():
    assert next(events(event(CREATE, 1, record(4, b"\xff\xff\xff\xff"), named(b"file")))).name == b"file"


def test_an_overflow_names_no_directory():
    assert list(events(event(OVERFLOW, 0))) == [Event(OVERFLOW, 0, b"", b"")]


def test_a_directory_may_be_told_without_a_name():
    assert list(events(event(CREATE, 1, record(3, NUMBER + HANDLE)))) == [Event(CREATE, 1, NUMBER + HANDLE, b"")]


@pytest.mark.parametrize(
    "buffer",
    [
        event(CREATE, 1, named(b"file"))[:-4],
        event(CREATE, 1)[:10],
        event(CREATE, 1, version=2),
        event(CREATE, 1, struct.pack("=BBH", 2, 0, 400)),
        event(CREATE, 1, struct.pack("=BBH", 9, 0, 0)),
        event(CREATE, 1, record(2, NUMBER)),
        event(CREATE, 1, record(2, NUMBER + struct.pack("=Ii", 2**31, 1))),
    ],
)
def test_what_is_malformed_is_refused(buffer):
    with pytest.raises(ValueError, match=r".+"):
        list(events(buffer))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 120), st.binary(min_size=1, max_size=8))
def test_no_bytes_do_harm(tail, at, spoiled):
    whole = event(CREATE, 1, named(b"file")) + event(CREATE, 1, named(b"other"))
    for buffer in (tail, whole + tail, whole[:at] + spoiled + whole[at + len(spoiled) :]):
        try:
            for found in events(buffer):
                assert isinstance(found, Event)
        except ValueError:
            pass
