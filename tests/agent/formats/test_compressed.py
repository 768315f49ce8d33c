from __future__ import annotations

import gzip
import lzma
import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.formats.compressed import LZ4_LIMIT, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CONTENT = random.Random(2).randbytes(70_000) + b"Package: a\n" * 100_000
both = pytest.mark.parametrize(("ending", "compress"), [(".gz", gzip.compress), (".xz", lzma.compress)])


@both
@pytest.mark.parametrize("size", [1000, 10_000_000])
def test_a_compressed_stream_is_given_in_pieces(ending: str, compress: Callable[[bytes], bytes], size: int) -> None:
    pieces = list(plain(cut(compress(CONTENT), size), ending))
    assert b"".join(pieces) == CONTENT
    assert max(map(len, pieces)) <= 256 * 1024


def test_members_of_gzip_that_follow_each_other_are_one_stream() -> None:
    assert b"".join(plain(cut(gzip.compress(b"one") + gzip.compress(b"two"), 7), ".gz")) == b"onetwo"


@both
def test_a_stream_that_is_cut_off_is_a_value_error(ending: str, compress: Callable[[bytes], bytes]) -> None:
    with pytest.raises(ValueError, match="cut off"):
        list(plain([compress(CONTENT)[:-20]], ending))


@pytest.mark.parametrize("ending", [".gz", ".xz", ".lz4"])
def test_what_is_no_such_stream_is_a_value_error(ending: str) -> None:
    with pytest.raises(ValueError):
        list(plain([b"Package: a\n"], ending))


def test_a_window_that_takes_too_much_memory_is_a_value_error() -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 256 * 1024 * 1024}]
    with pytest.raises(ValueError, match="malformed xz"):
        list(plain([lzma.compress(b"a", filters=filters)], ".xz"))


def test_lz4_is_read_to_a_limit() -> None:
    taken = []

    def endless() -> Iterator[bytes]:
        while True:
            taken.append(1)
            yield b"x" * 100_000

    with pytest.raises(ValueError, match="bytes of LZ4"):
        list(plain(endless(), ".lz4"))
    assert len(taken) == LZ4_LIMIT // 100_000 + 1


def test_any_other_ending_is_of_a_plain_stream() -> None:
    assert list(plain([b"a", b"b"], "")) == [b"a", b"b"]


@settings(max_examples=200)
@given(st.sampled_from([".gz", ".xz", ".lz4"]), st.integers(0, 60), st.binary(max_size=8), st.integers(1, 40))
def test_any_stream_is_decompressed_or_refused(ending: str, at: int, damage: bytes, size: int) -> None:
    whole = {".gz": gzip.compress, ".xz": lzma.compress, ".lz4": lambda content: b"\x04\x22\x4d\x18" + content}[ending]
    content = whole(b"Package: a\n" * 9)
    try:
        assert sum(map(len, plain(cut(content[:at] + damage + content[at + len(damage) :], size), ending))) < 10_000
    except ValueError:
        pass


def cut(content: bytes, size: int) -> list[bytes]:
    return [content[start : start + size] for start in range(0, len(content), size)]
