"""The database here is written from the format's description (see tests/hosts/apk.py); no real one is at hand."""

from __future__ import annotations

import hashlib
from base64 import b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.formats.apk import CutOff, Entry, File, entries, files, paths
from tests.hosts.apk import digest, entry, listing

MUSL = entry(
    "musl",
    "1.2.5-r1",
    more="D:so:libc.musl-x86_64.so.1\np:so:libc.musl-x86_64.so.1=1 cmd:ldd=1.2.5-r1\nr:libiconv\nq:10\ns:edge\n",
    files=listing({"lib/ld-musl-x86_64.so.1": b"a", "etc/musl.conf": b"b", "top": b"c"}),
)


def test_an_entry_is_read() -> None:
    [found] = entries([MUSL])
    assert (
        found[:9]
        == Entry(
            name="musl",
            version="1.2.5-r1",
            architecture="x86_64",
            license="MIT",
            origin="musl",
            provides=("so:libc.musl-x86_64.so.1=1", "cmd:ldd=1.2.5-r1"),
            tag="edge",
            flags="",
            broken=False,
            listing=b"",
        )[:9]
    )


def test_files_have_absolute_paths_also_in_the_root_itself() -> None:
    [found] = entries([MUSL])
    assert list(paths(found)) == ["/lib/ld-musl-x86_64.so.1", "/etc/musl.conf", "/top"]


def test_the_checksum_of_a_file_becomes_hexadecimal() -> None:
    [found] = entries([MUSL])
    assert next(files(found)) == File("/lib/ld-musl-x86_64.so.1", f"sha1:{hashlib.sha1(b'a').hexdigest()}")


@pytest.mark.parametrize("prefix", ["Q1", "Q2"])
def test_a_longer_checksum_is_sha256_whatever_its_prefix(prefix: str) -> None:
    """Early versions of apk 3 wrote Q1 for both; apk tells them apart by their length (src/blob.c)."""
    written = prefix + b64encode(hashlib.sha256(b"a").digest()).decode()
    [found] = entries([entry("a", files=f"F:bin\nR:a\nZ:{written}\n")])
    assert list(files(found)) == [File("/bin/a", f"sha256:{hashlib.sha256(b'a').hexdigest()}")]


def test_a_link_has_no_digest() -> None:
    """Its checksum is that of its target's name."""
    [found] = entries(
        [entry("a", files=f"F:bin\nM:0:0:700\nR:a\na:0:0:777\nZ:{digest(b'sh')}\nR:b\nZ:{digest(b'b')}\n")]
    )
    assert [(file.path, bool(file.digest)) for file in files(found)] == [("/bin/a", False), ("/bin/b", True)]


def test_cut_off_checksums_are_no_digests() -> None:
    """With the flag S they are the first 160 bits of a SHA-256, and look like a SHA-1."""
    [found] = entries([entry("a", more="f:S\n", files=listing({"bin/a": b"a"}))])
    assert list(files(found)) == [File("/bin/a", None)]


@pytest.mark.parametrize("checksum", ["", "Q1", "Q1AAAA", "Q1!", "Q3AAAA", "X1" + "00" * 20, "Q"])
def test_a_checksum_that_is_none_is_no_digest(checksum: str) -> None:
    [found] = entries([entry("a", files=f"F:bin\nR:a\nZ:{checksum}\n")])
    assert list(files(found)) == [File("/bin/a", None)]


def test_a_line_that_is_no_field_breaks_its_entry_alone() -> None:
    found = list(entries([entry("a") + entry("b", more="garbage\n") + entry("c")]))
    assert [(each.name, each.broken) for each in found] == [("a", False), ("b", True), ("c", False)]


def test_a_field_that_is_not_known_is_passed_over() -> None:
    [found] = entries([entry("a", more="k:100\ni:b c\nx:new\nX:new\n")])
    assert not found.broken


def test_empty_fields_are_missing_ones() -> None:
    [found] = entries([b"P:\nV:\nA:\nL:\no:\np:\n\n"])
    assert found == Entry(None, None, None, None, None, (), None, "", False, b"")


def test_more_empty_lines_than_one_part_entries_too() -> None:
    assert [each.name for each in entries([b"\n\n" + entry("a") + b"\n\n\n" + entry("b")])] == ["a", "b"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_pieces_of_any_size_give_the_same_entries(size: int) -> None:
    content = MUSL + entry("b") + MUSL
    pieces = [content[start : start + size] for start in range(0, len(content), size)]
    assert list(entries(pieces)) == list(entries([content]))


def test_an_entry_without_its_end_is_given_and_said_to_be_cut_off() -> None:
    found = entries([MUSL + entry("b")[:-1]])
    assert [next(found).name, next(found).name] == ["musl", "b"]
    with pytest.raises(CutOff):
        next(found)


def test_an_entry_that_ends_within_a_line_is_not_given() -> None:
    found = entries([MUSL + entry("b")[:-3]])
    assert next(found).name == "musl"
    with pytest.raises(CutOff):
        next(found)


def test_an_entry_without_any_end_stops_at_the_limit() -> None:
    piece = b"R:a\n" * 262144
    with pytest.raises(CutOff):
        list(entries(iter(lambda: piece, b"")))


@settings(max_examples=200)
@given(
    st.lists(
        st.sampled_from([b"P:", b"V:", b"F:", b"R:", b"Z:Q1", b"a:0:0:777", b"f:S", b"\n", b"\n\n", b":", b"\xff"])
        | st.binary(max_size=8)
    )
)
def test_nothing_but_a_cut_off_is_raised_over_any_bytes(pieces: list[bytes]) -> None:
    try:
        for found in entries(pieces):
            assert len(list(paths(found))) == len(list(files(found)))
    except CutOff:
        pass
