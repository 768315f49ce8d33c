"""The directory is found by the record behind it, whatever stands before the archive or behind the record."""

from __future__ import annotations

import struct

import pytest

from agent.formats.read_at import of
from agent.formats.zip_end import Directory, Malformed, NoZip, find


def end(length, offset, comment=b""):
    return b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 1, 1, length, offset, len(comment)) + comment


def end_64(length, offset, stated, extension=b""):
    record = (
        b"PK\x06\x06" + struct.pack("<QHHLLQQQQ", 44 + len(extension), 45, 45, 0, 0, 1, 1, length, offset) + extension
    )
    return record + b"PK\x06\x07" + struct.pack("<LQL", 0, stated, 1) + end(0xFFFFFFFF, 0xFFFFFFFF)


@pytest.mark.parametrize(
    ("whole", "directory"),
    [
        (b"x" * 100 + end(40, 60), (60, 100, 0)),
        (b"x" * 150 + end(40, 60), (110, 150, 50)),
        (b"x" * 100 + end(40, 60, b"c" * 65535), (60, 100, 0)),
        (end(0, 0), (0, 0, 0)),
        (b"x" * 100 + end_64(40, 60, 100), (60, 100, 0)),
        (b"x" * 150 + end_64(40, 60, 100), (110, 150, 50)),
        (b"x" * 100 + end_64(40, 60, 100, b"extension"), (60, 100, 0)),
    ],
)
def test_the_directory_ends_where_the_record_starts(whole, directory):
    assert find(of(whole), len(whole)) == Directory(*directory)


def test_a_file_without_a_record_is_no_zip_file():
    for whole in (b"", b"PK\x05\x06", b"x" * 70_000, end(0, 0)[:-1]):
        with pytest.raises(NoZip):
            find(of(whole), len(whole))


@pytest.mark.parametrize(
    "whole",
    [
        b"x" * 100 + end(101, 0),
        b"x" * 100 + end(40, 61),
        b"x" * 100 + end_64(2**64 - 1, 0, 100),
        b"x" * 100 + end_64(40, 60, 100)[4:],
        b"x" * 100 + b"y" * 9 + end_64(40, 60, 2**64 - 1)[4:],
    ],
)
def test_a_directory_that_cannot_be_there_is_malformed(whole):
    with pytest.raises(Malformed):
        find(of(whole), len(whole))
