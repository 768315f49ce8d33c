"""The machine that a program is for is told by its first bytes."""

import os
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.formats.elf import HEAD, machine


def head(number, bits=2, endian="little"):
    start = b"\x7fELF" + bytes((bits, 1 if endian == "little" else 2)) + bytes(10)
    return start + (2).to_bytes(2, endian) + number.to_bytes(2, endian)


def test_the_interpreter_is_for_this_machine():
    with open(sys.executable, "rb") as program:
        assert machine(program.read(HEAD)) == os.uname().machine


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (head(62), "x86_64"),
        (head(3, bits=1), "i686"),
        (head(183), "aarch64"),
        (head(40, bits=1), "arm"),
        (head(243), "riscv64"),
        (head(22, endian="big"), "s390x"),
        (head(21, endian="big"), "ppc64"),
        (head(21, endian="little"), "ppc64le"),
        (head(65535), None),
        (b"#!/bin/sh\nexec true\n", None),
        (head(62)[:19], None),
        (b"", None),
    ],
)
def test_machines_have_the_names_of_uname(content, expected):
    assert machine(content) == expected


@given(st.binary(max_size=40))
def test_any_bytes_give_a_name_or_none(content):
    assert machine(b"\x7fELF" + content) is None or len(content) + 4 >= HEAD
