from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.formats.squashfs import read_file
from agent.formats.squashfs_image import Unsupported
from tests.hosts.snap import needs_mksquashfs, pack

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

META = "name: tea\nversion: '1.0'\n"
NAMES = ("meta", "snap.yaml")
OPTIONS = {
    "with fragments": (),
    "without fragments": ("-no-fragments",),
    "not compressed": ("-noI", "-noD", "-noF"),
    "exportable": ("-exports",),
    "small blocks": ("-b", "4096"),
}


def read(image: bytes, names: Sequence[str] = NAMES, limit: int = 65536) -> bytes:
    return read_file(lambda offset, count: image[offset : offset + count], names, limit)


@needs_mksquashfs
@pytest.mark.parametrize("compression", ["xz", "gzip"])
@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS.keys())
def test_a_file_of_a_real_image_is_read(tmp_path: Path, compression: str, options: tuple[str, ...]) -> None:
    image = pack(tmp_path, META, compression, *options)
    assert read(image) == META.encode()
    assert read(image, ("file299",)) == b"299\n" * 299


@needs_mksquashfs
@pytest.mark.parametrize("length", [4095, 4096, 4097, 65536])
@pytest.mark.parametrize("options", [(), ("-no-fragments",)])
def test_a_file_of_several_blocks_is_read_whole(tmp_path: Path, length: int, options: tuple[str, ...]) -> None:
    meta = META + "x" * (length - len(META))
    assert read(pack(tmp_path, meta, "gzip", "-b", "4096", *options)) == meta.encode()


@needs_mksquashfs
def test_a_file_of_zeros_takes_no_blocks(tmp_path: Path) -> None:
    assert read(pack(tmp_path, "\0" * 10000, "gzip", "-b", "4096")) == bytes(10000)


@needs_mksquashfs
@pytest.mark.parametrize("names", [("meta", "other"), ("other", "snap.yaml"), ("meta",), ("file1", "snap.yaml")])
def test_what_is_not_there_is_an_error(tmp_path: Path, names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"not in it|no regular file"):
        read(pack(tmp_path, META), names)


@needs_mksquashfs
def test_more_than_the_limit_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="longer than 100 bytes"):
        read(pack(tmp_path, "x" * 101), limit=100)


@needs_mksquashfs
@pytest.mark.parametrize("compression", ["lzo", "zstd", "lz4"])
def test_other_compressions_are_said_to_be_unsupported(tmp_path: Path, compression: str) -> None:
    with pytest.raises(Unsupported, match="cannot undo"):
        read(pack(tmp_path, META, compression))


@pytest.mark.parametrize("content", [b"", b"hsqs", b"hsqs" + b"\0" * 92, b"\xff" * 96, b"sqsh" + b"\0" * 200])
def test_what_is_no_image_is_an_error(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"no squashfs|is broken"):
        read(content)


def test_a_metadata_block_that_is_not_full_ends_its_table() -> None:
    """Else a table of blocks of one byte each would be read for minutes."""
    superblock = struct.pack("<4s4I6H8Q", b"hsqs", 1, 0, 131072, 0, 1, 17, 0, 1, 4, 0, 0, 0, 0, 0, 96, 96, 0, 0)
    image = superblock + b"\x01\x80d" * 100_000
    reads = []

    def read_at(offset: int, count: int) -> bytes:
        reads.append(offset)
        return image[offset : offset + count]

    with pytest.raises(ValueError, match="is broken"):
        read_file(read_at, NAMES, 65536)
    assert len(reads) == 3


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Images to be damaged."""
    folder = tmp_path_factory.mktemp("images")
    return [pack(folder, META, "gzip"), pack(folder, META, "xz"), pack(folder, META, "gzip", "-noI", "-noD", "-noF")]


@needs_mksquashfs
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(0, 2),
    st.lists(st.tuples(st.integers(0, 1 << 20), st.binary(min_size=1, max_size=8)), max_size=6),
    st.integers(0, 1 << 20),
)
def test_nothing_but_a_value_error_is_raised_over_a_damaged_image(
    images: list[bytes], which: int, damage: list[tuple[int, bytes]], cut: int
) -> None:
    image = bytearray(images[which])
    for place, content in damage:
        at = place % 96 if place % 2 else place % len(image)
        image[at : at + len(content)] = content
    try:
        read(bytes(image[: cut % len(image)] if cut % 3 == 0 else image))
    except ValueError:
        pass
