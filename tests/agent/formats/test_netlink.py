"""agent/formats/netlink.py: framing that comes from the kernel is checked like any other."""

import struct

import pytest

from agent.formats.netlink import answers, attributes, request

DONE, ERROR = 3, 2


def message(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("=IHHII", 16 + len(body), kind, 0, 1, 0) + body


def test_what_messages_hold_is_given_until_the_last_one():
    assert list(answers([message(20, b"abcd") + message(20, b"efgh"), message(DONE)])) == [b"abcd", b"efgh"]


def test_a_question_is_a_message_that_asks_for_all():
    assert request(22, b"body") == struct.pack("=IHHII", 20, 22, 0x301, 1, 0) + b"body"


@pytest.mark.parametrize(
    "datagrams",
    [[message(ERROR, bytes(4))], [message(20, b"abcd")], [], [b"\x01\0"], [struct.pack("=IHHII", 3, 20, 0, 1, 0)]],
    ids=["refused", "unfinished", "nothing", "cut off", "shorter than its header"],
)
def test_an_answer_that_is_none_is_an_error(datagrams):
    with pytest.raises(ValueError, match=r"refused|missing|malformed"):
        list(answers(datagrams))


def test_attributes_start_at_multiples_of_four():
    content = struct.pack("=HH3sx", 7, 1, b"abc") + struct.pack("=HH4s", 8, 2, b"defg")
    assert list(attributes(content)) == [(1, b"abc"), (2, b"defg")]


@pytest.mark.parametrize("content", [b"\x01", struct.pack("=HH", 2, 1)])
def test_malformed_attributes_are_an_error(content):
    with pytest.raises(ValueError, match="malformed"):
        list(attributes(content))
