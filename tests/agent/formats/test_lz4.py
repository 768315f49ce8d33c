from __future__ import annotations

import random
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.formats.lz4 import decompress

HEADER = b"\x04\x22\x4d\x18\x60\x40\x82"
END = b"\0\0\0\0"
needs_lz4 = pytest.mark.skipif(not shutil.which("lz4"), reason="lz4 is not installed")


@needs_lz4
@pytest.mark.parametrize("option", ["-1", "-9", "-BD", "-B4 --content-size", "-BX --no-frame-crc", "-B5 -BD -BX"])
@pytest.mark.parametrize("kind", ["empty", "repeated", "text", "random"])
def test_what_lz4_compresses_is_given_back(option: str, kind: str) -> None:
    content = {
        "empty": b"",
        "repeated": b"a" * 300_000 + b"ab" * 3 + b"abc" * 100_000,
        "text": b"".join(b"Package: name-%d\nVersion: %d.1\n\n" % (n, n % 97) for n in range(20_000)),
        "random": random.Random(1).randbytes(200_000),
    }[kind]
    assert b"".join(decompress(compressed(content, *option.split()))) == content


@needs_lz4
def test_frames_that_follow_each_other_are_one_stream() -> None:
    assert b"".join(decompress(compressed(b"one") + compressed(b"two"))) == b"onetwo"


@needs_lz4
def test_every_cut_is_told() -> None:
    whole = compressed(b"Package: a\n" * 20, "--no-frame-crc")
    for end in range(1, len(whole)):
        with pytest.raises(ValueError):
            list(decompress(whole[:end]))


@pytest.mark.parametrize(
    "content",
    [
        b"no frame at all",
        b"\x04\x22\x4d\x18\x20\x40\x82",
        b"\x04\x22\x4d\x18\x61\x40\x82",
        HEADER + b"\x04\0\0\0\x00\x01\x00\x00" + END,
        HEADER + b"\x04\0\0\0\x10a\x00\x00" + END,
        HEADER + b"\x03\0\0\0\xf0\xff\xff" + END,
        HEADER + b"\x02\0\0\0\x50a" + END,
    ],
    ids=["magic", "version", "dictionary", "before the start", "offset 0", "length", "literals"],
)
def test_a_malformed_frame_is_a_value_error(content: bytes) -> None:
    with pytest.raises(ValueError):
        list(decompress(content))


def test_a_block_that_is_longer_than_any_may_be_is_refused_before_it_is_made() -> None:
    block = b"\x1fa\x01\x00" + b"\xff" * 1_000_000 + b"\x00"
    with pytest.raises(ValueError, match="out of bounds"):
        list(decompress(HEADER + len(block).to_bytes(4, "little") + block + END))


@settings(max_examples=200)
@given(st.binary(max_size=60))
def test_any_block_is_decoded_or_refused(block: bytes) -> None:
    try:
        list(decompress(HEADER + len(block).to_bytes(4, "little") + block + END))
    except ValueError:
        pass


def compressed(content: bytes, *options: str) -> bytes:
    return subprocess.run(["lz4", "-c", *options], input=content, capture_output=True, check=True).stdout
