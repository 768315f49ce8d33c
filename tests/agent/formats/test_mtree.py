from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.formats import mtree
from agent.formats.mtree import File, files

SHA256 = "98ea6e4f216f2fb4b69fff9b3a44842c38686ca685f3f55dc48c5d3fb1107be4"
MD5 = "764efa883dda1e11db47671c4a3bbd9e"


def packed(*lines: str) -> bytes:
    return gzip.compress("".join(f"{line}\n" for line in ("#mtree", *lines)).encode())


def test_regular_files_are_given_with_their_digests() -> None:
    content = packed(
        "/set type=file uid=0 gid=0 mode=644",
        f"./.PKGINFO time=1.0 size=267 sha256digest={SHA256}",
        "./etc time=1.0 mode=755 type=dir",
        f"./etc/tea time=1.0 size=3 md5digest={MD5} sha256digest={SHA256}",
        f"./etc/old time=1.0 size=3 md5digest={MD5}",
        "./etc/none time=1.0 size=3",
        "./usr/bin/cup time=1.0 mode=777 type=link link=tea",
    )
    assert list(files(content)) == [
        File("/etc/tea", f"sha256:{SHA256}"),
        File("/etc/old", f"md5:{MD5}"),
        File("/etc/none", None),
    ]


def test_a_type_holds_until_another_is_set() -> None:
    content = packed("/set uid=0 type=dir", "./etc", "./etc/tea type=file", "./usr")
    assert [file.path for file in files(content)] == ["/etc/tea"]


def test_octal_numbers_in_names_are_bytes() -> None:
    [file] = files(packed(r"./a\040b/\303\274\043\075\134x\377 size=2"))
    assert file.path == "/a b/ü#=\\x\udcff"


def test_files_are_whole_where_blocks_meet() -> None:
    names = [f"/usr/bin/{number}" for number in range(50000)]
    assert [file.path for file in files(packed(*(f".{name} size=1" for name in names)))] == names


def test_a_file_that_is_cut_off_gives_what_is_there() -> None:
    content = packed(*(f"./usr/bin/{zlib.crc32(b'%d' % number)} size={number}" for number in range(50000)))
    found = files(content[:-100])
    assert next(found).path.startswith("/usr/bin/")
    with pytest.raises(ValueError, match="cut off"):
        list(found)


def test_what_is_not_compressed_is_refused() -> None:
    with pytest.raises(ValueError, match="no gzip"):
        list(files(b"#mtree\n./etc size=1\n"))


def test_a_bomb_is_stopped() -> None:
    with pytest.raises(ValueError, match="more than"):
        list(files(gzip.compress(b"\n" * (mtree.LIMIT + 1), 1)))


def test_a_line_without_end_is_stopped() -> None:
    with pytest.raises(ValueError, match="a line is longer"):
        list(files(gzip.compress(b"x" * 10_000_000, 1)))


@settings(max_examples=200)
@given(
    st.lists(
        st.sampled_from(
            [b"./a", b"./.", b" type=file", b" type=", b"/set ", b"\\377", b"\\999", b" md5digest=ab", b"\n"]
        )
        | st.binary(max_size=8)
    ),
    st.booleans(),
)
def test_nothing_but_a_value_error_is_raised_over_any_bytes(pieces: list[bytes], compress: bool) -> None:
    content = b"".join(pieces)
    try:
        list(files(gzip.compress(content) if compress else content))
    except ValueError:
        assert not compress
