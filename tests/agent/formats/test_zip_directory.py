"""Zip files that zipfile and the JDK wrote are read like zipfile reads them, and broken ones are told as such."""

from __future__ import annotations

import io
import re
import shutil
import struct
import subprocess
import zipapp
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.formats.read_at import of, within
from agent.formats.zip_directory import (
    DIRECTORY_LIMIT,
    Entry,
    Malformed,
    TooLong,
    beginning,
    content,
    entries,
    start_of,
)

TEXTS = {
    "a.txt": b"a" * 10,
    "META-INF/MANIFEST.MF": b"Manifest-Version: 1.0\n" * 50,
    "empty": b"",
    "ü.txt": b"\0\1\2" * 999,
}


def archive(texts=None, method=zipfile.ZIP_DEFLATED, comment=b""):
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", method) as writer:
        writer.comment = comment
        for name, text in (TEXTS if texts is None else texts).items():
            writer.writestr(name, text)
    return kept.getvalue()


def read(whole, limit=1 << 20):
    return {entry.name: content(of(whole), entry, limit) for entry in entries(of(whole), len(whole))}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("comment", [b"", b"of some length", b"PK\x05\x06" * 3, b"x" * 65535])
@pytest.mark.parametrize("prefix", [b"", b"#!/bin/sh\n" * 99])
def test_entries_are_read_whatever_stands_before_and_behind(method, comment, prefix):
    assert read(prefix + archive(method=method, comment=comment)) == TEXTS


def test_facts_of_an_entry_are_those_that_zipfile_gives():
    whole = archive()
    with zipfile.ZipFile(io.BytesIO(whole)) as reader:
        expected = [
            (i.filename, i.file_size, i.compress_size, i.compress_type, i.header_offset) for i in reader.infolist()
        ]
    assert [tuple(entry) for entry in entries(of(whole), len(whole))] == expected


def test_a_zipapp_is_read(tmp_path):
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__main__.py").write_text("print()")
    zipapp.create_archive(tmp_path / "app", tmp_path / "app.pyz", "/usr/bin/env python3")
    assert read((tmp_path / "app.pyz").read_bytes()) == {"__main__.py": b"print()"}


@pytest.mark.skipif(not shutil.which("jar"), reason="the JDK's jar is not installed")
def test_an_archive_of_the_jdk_is_read(tmp_path):
    (tmp_path / "A.txt").write_text("text")
    subprocess.run(["jar", "cf", "a.jar", "A.txt"], cwd=tmp_path, check=True)
    found = read((tmp_path / "a.jar").read_bytes())
    assert found["A.txt"] == b"text"
    assert found["META-INF/MANIFEST.MF"].startswith(b"Manifest-Version: 1.0")


def test_more_entries_than_16_bits_can_count_are_all_read():
    whole = archive(dict.fromkeys((f"{n:05}" for n in range(70_000)), b""), zipfile.ZIP_STORED)
    assert [entry.name for entry in entries(of(whole), len(whole))] == [f"{n:05}" for n in range(70_000)]


def test_an_entry_beyond_4_gib_has_its_numbers_in_the_zip64_field(tmp_path):
    path = tmp_path / "sparse.zip"
    with path.open("wb") as file:
        file.seek(5 << 30)
        with zipfile.ZipFile(file, "w") as writer:
            writer.writestr("far", b"text")
    with path.open("rb") as file:

        def read_at(offset, count):
            file.seek(offset)
            return file.read(count)

        (entry,) = entries(read_at, path.stat().st_size)
        assert content(read_at, entry, 10) == b"text"
    assert entry.offset == 5 << 30


def test_zip64_is_read_behind_a_prefix_too():
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as writer, writer.open("a", "w", force_zip64=True) as entry:
        entry.write(b"text")
    assert read(b"prefix" + _with_zip64_end(kept.getvalue())) == {"a": b"text"}


def _with_zip64_end(whole):
    length, offset = struct.unpack_from("<LL", whole, len(whole) - 10)
    record = struct.pack("<LQHHLLQQQQ", 0x06064B50, 44, 45, 45, 0, 0, 1, 1, length, offset)
    locator = struct.pack("<LLQL", 0x07064B50, 0, len(whole) - 22, 1)
    return whole[:-22] + record + locator + whole[-22:-10] + b"\xff" * 8 + b"\0\0"


def test_only_wanted_names_are_given():
    whole = archive()
    wanted = re.compile(rb"META-INF/|.*\.jar$")
    assert [entry.name for entry in entries(of(whole), len(whole), wanted)] == ["META-INF/MANIFEST.MF"]


def test_a_wanted_pattern_sees_one_name_alone():
    whole = archive({"a": b"", "b": b"", "ab": b""})
    assert [entry.name for entry in entries(of(whole), len(whole), re.compile(rb"[ab]$"))] == ["a", "b"]


def test_nothing_but_the_end_the_directory_and_the_asked_entry_is_read():
    whole = archive({"large": b"\0" * 9_000_000, "small": b"text"}, zipfile.ZIP_STORED)
    amount = []

    def read_at(offset, count):
        amount.append(len(whole[offset : offset + count]))
        return whole[offset : offset + count]

    small = list(entries(read_at, len(whole)))[1]
    assert content(read_at, small, 100) == b"text"
    assert sum(amount) < 500


def test_a_stored_archive_within_another_is_read_in_place():
    outer = archive({"x": b"", "inner.jar": archive()}, zipfile.ZIP_STORED)
    inner = list(entries(of(outer), len(outer)))[1]
    window = within(of(outer), start_of(of(outer), inner), inner.size)
    assert [entry.name for entry in entries(window, inner.size)] == list(TEXTS)


def test_an_empty_archive_has_no_entries():
    whole = archive({})
    assert list(entries(of(whole), len(whole))) == []


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_content_up_to_the_limit_is_read_and_no_more(method):
    whole = archive({"a": b"x" * 5000}, method)
    assert read(whole, 5000) == {"a": b"x" * 5000}
    with pytest.raises(TooLong):
        read(whole, 4999)


def test_a_bomb_that_claims_to_be_small_is_stopped_at_the_limit():
    whole = archive({"a": b"\0" * 50_000_000})
    (entry,) = entries(of(whole), len(whole))
    with pytest.raises(TooLong):
        content(of(whole), entry._replace(size=10), 1000)


def test_packed_bytes_that_unpack_to_nothing_are_not_read_without_end():
    amount = []

    def read_at(offset, count):
        amount.append(count)
        return b"PK\x03\x04" + bytes(26) if offset == 0 else b"\0\0\0\xff\xff" * (count // 5)

    entry = Entry("a", 10, 1 << 40, 8, 0)
    with pytest.raises(TooLong):
        content(read_at, entry, 1000)
    with pytest.raises(Malformed):
        beginning(read_at, entry, 1000)
    assert sum(amount) < 100_000


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_beginning_of_a_long_entry_can_be_read(method):
    whole = archive({"a": b"abc" * 100_000}, method)
    (entry,) = entries(of(whole), len(whole))
    assert beginning(of(whole), entry, 4) == b"abca"
    assert beginning(of(whole), entry, 1 << 20) == b"abc" * 100_000


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_methods_are_malformed(method):
    with pytest.raises(Malformed, match="method"):
        read(archive(method=method))


def test_an_encrypted_entry_is_malformed():
    whole = bytearray(archive({"a": b"text"}))
    whole[6] |= 1
    with pytest.raises(Malformed, match="encrypted"):
        read(bytes(whole))


@pytest.mark.parametrize("whole", [b"", b"PK\x05\x06", b"\x7fELF" * 99, b"PK\x03\x04" + bytes(100)])
def test_what_is_no_zip_file_is_malformed(whole):
    with pytest.raises(Malformed):
        read(whole)


def test_every_cut_is_malformed():
    whole = archive(comment=b"comment")
    for length in range(len(whole) - 7):
        with pytest.raises(Malformed):
            read(whole[:length])


def test_an_offset_behind_the_directory_is_malformed():
    whole = bytearray(archive({"a": b"text"}))
    at = whole.index(b"PK\x01\x02")
    whole[at + 42 : at + 46] = (2**31).to_bytes(4, "little")
    with pytest.raises(Malformed, match="behind"):
        read(bytes(whole))


def test_a_directory_past_its_limit_is_not_read():
    size = DIRECTORY_LIMIT + 1

    def read_at(offset, count):
        end = struct.pack("<LHHHHLLH", 0x06054B50, 0, 0, 1, 1, size, 0, 0)
        return (end if offset >= size else bytes(count))[:count]

    with pytest.raises(TooLong):
        list(entries(read_at, size + 22))


REAL = archive(comment=b"comment") + b""
REAL_64 = _with_zip64_end(archive({"a": b"text"}))


@given(
    st.sampled_from([REAL, REAL_64]),
    st.lists(st.tuples(st.integers(0, len(REAL) - 1), st.binary(max_size=8)), max_size=8),
)
def test_a_damaged_archive_is_read_or_refused(whole, damages):
    for at, damage in damages:
        whole = whole[:at] + damage + whole[at + len(damage) :]
    try:
        read(whole, 10_000)
    except (Malformed, TooLong):
        pass


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(whole):
    try:
        read(b"PK\x01\x02" + whole + REAL[-29:], 1000)
    except (Malformed, TooLong):
        pass


def test_a_damaged_stream_is_malformed():
    packed = zlib.compress(b"text")[2:-4]
    whole = archive({"a": b"text"})
    with pytest.raises(Malformed, match="unpacked"):
        read(whole.replace(packed, b"\xff" * len(packed)))
