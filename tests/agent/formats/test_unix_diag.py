"""Answers of the kernel about Unix sockets."""

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.formats.proc_net import UnixSocket
from agent.formats.unix_diag import listeners

DONE = struct.pack("=IHHIIi", 20, 3, 2, 1, 0, 0)
REFUSED = struct.pack("=IHHIIi", 20, 2, 0, 1, 0, -2)


def told(inode, name, form=1, state=10):
    """A message about one socket, behind another attribute its name, padded as netlink pads."""
    attributes = struct.pack("=HHI", 8, 4, 0)
    if name is not None:
        attributes += struct.pack("=HH", 4 + len(name), 0) + name + b"\0" * (-len(name) % 4)
    body = struct.pack("=BBBBIII", 1, form, state, 0, inode, 0, 0) + attributes
    return struct.pack("=IHHII", 16 + len(body), 20, 2, 1, 0) + body


def test_names_are_written_as_net_unix_writes_them():
    answer = told(5, b"/run/a.sock\0") + told(6, b"\0name\0with zero")
    assert list(listeners([answer, told(7, b"\xff\0") + DONE])) == [
        UnixSocket("/run/a.sock", 5),
        UnixSocket("@name@with zero", 6),
        UnixSocket("\udcff", 7),
    ]


def test_sockets_without_a_name_of_other_types_and_states_are_left_out():
    others = told(1, None) + told(2, b"/a\0", form=2) + told(3, b"/a\0", form=5) + told(4, b"/a\0", state=7)
    assert list(listeners([others + DONE])) == []


@pytest.mark.parametrize(
    "answers",
    [
        [],
        [told(5, b"/a\0")],
        [REFUSED],
        [told(5, b"/a\0")[:-8]],
        [b"\0" * 16],
        [b"\1"],
        [struct.pack("=IHHII", 24, 20, 2, 1, 0) + b"12345678"],
    ],
)
def test_an_answer_that_is_a_refusal_malformed_or_cut_off_is_a_value_error(answers):
    with pytest.raises(ValueError, match=r"answer|refused"):
        list(listeners(answers))


@given(st.lists(st.one_of(st.binary(max_size=80), st.binary(max_size=20).map(lambda tail: told(1, b"/a\0") + tail))))
def test_any_answer_gives_sockets_or_a_value_error(answers):
    with contextlib.suppress(ValueError):
        list(listeners(answers))
