"""Each line of a snapshot file is read as it was written, and nothing else is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.model.codec import Line
from agent.model.snapshot import (
    Footer,
    Header,
    read_footer,
    read_header,
    read_line,
    write_footer,
    write_header,
    write_line,
)

COLUMN = st.binary().filter(lambda column: b"\t" not in column and b"\n" not in column)
FOOTER = Footer("partial", 2, 1, (None, "dpkg:"), "0" * 64, 7, 5)


@given(COLUMN, COLUMN, COLUMN)
def test_a_line_is_read_as_written(key, stable, volatile):
    line = Line(key, stable, volatile)
    assert read_line(write_line(line)) == line


def test_header_and_footer_are_read_as_written():
    assert read_header(write_header(Header("host", 5))) == Header("host", 5)
    assert read_footer(write_footer(FOOTER)) == FOOTER


def test_prefixes_that_are_not_utf8_are_read_as_written():
    footer = replace(FOOTER, hides=(None, "file:\udcff", r"file:\xff\x5c"))
    assert read_footer(write_footer(footer)) == footer


@pytest.mark.parametrize("line", [b"", b"a\tb\n", b"a\tb\tc\td\n"])
def test_a_line_has_three_columns(line):
    with pytest.raises(ValueError, match="three columns"):
        read_line(line)


@pytest.mark.parametrize("line", [b"", b"5", b"[]", b"{}", b'{"section":"a","taken_at":1,"format":2}', b'{"x":1}'])
def test_a_header_of_another_format_is_none(line):
    with pytest.raises(ValueError, match="snapshot"):
        read_header(line)


@pytest.mark.parametrize(
    "line", [b"", b"=", b"=5\n", b"=[]\n", b"={}\n", b'={"hides":5}\n', b'={"hides":[]}\n', b"{}\n"]
)
def test_what_is_no_footer_is_a_value_error(line):
    with pytest.raises(ValueError, match="footer"):
        read_footer(line)


def test_no_part_of_a_footer_is_a_footer():
    whole = write_footer(FOOTER)
    for length in range(len(whole)):
        with pytest.raises(ValueError, match="footer"):
            read_footer(whole[:length])


def test_every_flipped_bit_of_a_footer_is_noticed():
    whole = write_footer(FOOTER)
    for position in range(len(whole)):
        for bit in range(8):
            damaged = bytearray(whole)
            damaged[position] ^= 1 << bit
            with pytest.raises(ValueError, match="footer"):
                read_footer(bytes(damaged))


def test_a_footer_of_an_earlier_version_has_no_checksum_of_its_own():
    assert read_footer(write_footer(FOOTER).partition(b"\t")[0] + b"\n") == FOOTER
