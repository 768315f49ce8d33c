"""Sections and segments are found where readelf finds them, and broken tables are told as such."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.formats.elf_layout import TABLE_LIMIT, Malformed, Segment, section, section_names, segments
from agent.formats.read_at import of

PROGRAM = Path(sys.executable).resolve().read_bytes()
READELF = pytest.mark.skipif(not shutil.which("readelf"), reason="readelf (binutils) is not installed")


def small(bits=64, order="<", section_count=3, names_index=2):
    """Write an ELF file by hand: a section .a of 3 bytes, the table of names, one segment of data."""
    wide = bits == 64
    header, row = (64, 64) if wide else (52, 40)
    names = b"\0.rel.a\0.shstrtab\0"
    at = header + (56 if wide else 32)
    body = b"abc" + names
    number, name, kind = (
        struct.Struct(order + ("Q" if wide else "L")),
        struct.Struct(order + "LL"),
        struct.Struct(order + "LL"),
    )

    def section_header(name_at, its_kind, offset, size, link=0, info=0):
        flags = number.pack(0)
        return (
            name.pack(name_at, its_kind)
            + flags
            + flags
            + number.pack(offset)
            + number.pack(size)
            + kind.pack(link, info)
            + flags * 2
        )

    zeroth = section_header(0, 0, 0, 3 if not section_count else 0, 2 if names_index == 0xFFFF else 0)
    table = zeroth + section_header(5, 1, at, 3) + section_header(8, 3, at + 3, len(names))
    assert len(table) == 3 * row
    head = b"\x7fELF" + bytes((2 if wide else 1, 1 if order == "<" else 2, 1)) + bytes(9)
    head += struct.pack(order + "HHL", 2, 62, 1) + number.pack(0) + number.pack(header) + number.pack(at + len(body))
    head += struct.pack(order + "LHHHHHH", 0, header, at - header, 1, row, section_count, names_index)
    load = struct.pack(order + "LL", 1, 6) + b"".join(map(number.pack, (at, 0x1000, 0, 3, 3, 1)))
    if not wide:
        load = struct.pack(order + "8L", 1, at, 0x1000, 0, 3, 3, 6, 1)
    return head + load + body + table


@READELF
def test_sections_are_those_that_readelf_lists():
    output = subprocess.run(["readelf", "-SW", sys.executable], capture_output=True, text=True, check=True).stdout
    lines = re.findall(r"\] (\.\S+) +(\S+) +\S+ (\S+) (\S+)", output)
    assert len(lines) > 20
    names = section_names(of(PROGRAM))
    for name, kind, offset, size in lines:
        assert name.encode() + b"\0" in names
        expected = None if kind == "NOBITS" else (int(offset, 16), int(size, 16))
        assert section(of(PROGRAM), name.encode()) == expected


@READELF
def test_segments_are_those_that_readelf_lists():
    output = subprocess.run(["readelf", "-lW", sys.executable], capture_output=True, text=True, check=True).stdout
    lines = re.findall(r"LOAD +0x(\S+) 0x(\S+) 0x\S+ 0x(\S+) 0x\S+ ([R ][W ][E ])", output)
    assert len(lines) > 1
    flags = {"R": 4, "W": 2, "E": 1, " ": 0}
    assert list(segments(of(PROGRAM))) == [
        (sum(flags[flag] for flag in rights), int(offset, 16), int(address, 16), int(size, 16))
        for offset, address, size, rights in lines
    ]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("bits", [32, 64])
def test_both_classes_and_both_byte_orders_are_read(bits, order):
    whole = small(bits, order)
    found = section(of(whole), b".a")
    assert whole[found.offset : found.offset + found.size] == b"abc"
    assert list(segments(of(whole))) == [Segment(6, found.offset, 0x1000, 3)]
    assert section_names(of(whole)) == b"\0.rel.a\0.shstrtab\0"


def test_the_end_of_a_name_may_be_another_name():
    assert section(of(small()), b".rel.a") is None
    assert section(of(small()), b".a") is not None


def test_numbers_that_16_bits_do_not_hold_are_in_the_first_section():
    assert section(of(small(section_count=0)), b".a") == section(of(small()), b".a")
    assert section(of(small(names_index=0xFFFF)), b".a") == section(of(small()), b".a")
    whole = bytearray(small())
    whole[56:58] = b"\xff\xff"
    whole[-3 * 64 + 44 : -3 * 64 + 48] = (1).to_bytes(4, "little")
    assert list(segments(of(bytes(whole)))) == list(segments(of(small())))


@pytest.mark.parametrize("whole", [b"", b"\x7fELF", b"#!/bin/sh\n" * 20, b"\x7fELF" + bytes(99), small()[:60]])
def test_what_is_no_elf_file_has_neither(whole):
    assert section_names(of(whole)) == b""
    assert section(of(whole), b".a") is None
    assert list(segments(of(whole))) == []


def test_a_program_without_sections_has_no_names():
    whole = bytearray(small())
    whole[40:48] = bytes(8)
    whole[60:64] = bytes(4)
    assert section_names(of(bytes(whole))) == b""
    assert section(of(bytes(whole)), b".a") is None


def test_a_table_behind_the_end_is_malformed():
    with pytest.raises(Malformed, match="not where"):
        section_names(of(PROGRAM[: len(PROGRAM) // 2]))


@pytest.mark.parametrize("offset", [2**63, 2**64 - 1])
def test_an_offset_that_no_file_has_is_malformed(offset):
    whole = small()
    with pytest.raises(Malformed):
        section_names(of(whole[:40] + offset.to_bytes(8, "little") + whole[48:]))


def test_a_table_past_its_limit_is_not_read():
    whole = bytearray(small())
    asked = []

    def read_at(offset, count):
        asked.append(count)
        return bytes(whole[offset : offset + count])

    whole[-24 - 8 : -24] = (1 << 40).to_bytes(8, "little")
    with pytest.raises(Malformed, match="longer"):
        section_names(read_at)
    assert max(asked) < TABLE_LIMIT


@given(st.sampled_from([small(), small(32, ">"), small(section_count=0)]), st.data())
def test_a_damaged_file_is_read_or_refused(whole, data):
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(4, len(whole) - 1))
        damage = data.draw(st.binary(min_size=1, max_size=8))
        whole = whole[:at] + damage + whole[at + len(damage) :]
    for look in (section_names, lambda read_at: section(read_at, b".a"), lambda read_at: list(segments(read_at))):
        try:
            look(of(whole))
        except Malformed:
            pass
