"""The superblock and the tables of a squashfs 4.0 image, and its compressed blocks (Linux, fs/squashfs/squashfs_fs.h)."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    ReadAt = Callable[[int, int], bytes]

_MAGIC = b"hsqs"
_SUPERBLOCK = struct.Struct("<4s4I6H8Q")
_METADATA = 8192
_BLOCK_MAX = 1024 * 1024
UNCOMPRESSED = 1 << 24
"""In the size of a block of data; that of a metadata block has it in its highest bit."""
_FRAGMENTS_IN_A_BLOCK = _METADATA // 16
_XZ_MEMORY = 64 * 1024 * 1024


class Unsupported(ValueError):
    """The image is compressed in a way that the standard library cannot undo: lzo, lz4, lzma or zstd."""


class Image(NamedTuple):
    """An image.

    read_at: Gives a number of bytes from an offset, fewer at the end.
    root: Reference of the inode of its root.
    inodes, directories, fragments: Where its tables begin.
    """

    read_at: ReadAt
    compressor: int
    block_size: int
    root: int
    inodes: int
    directories: int
    fragments: int


def open_image(read_at: ReadAt) -> Image:
    """Read the superblock; Unsupported as above, ValueError for what is no image, struct.error for what is shorter."""
    fields = _SUPERBLOCK.unpack(read_at(0, _SUPERBLOCK.size))
    magic, _, _, block_size, _, compressor, _, _, _, major, _, root, _, _, _, inodes, directories, fragments, _ = fields
    if magic != _MAGIC or major != 4 or not 4096 <= block_size <= _BLOCK_MAX:
        raise ValueError("it is no squashfs image of version 4")
    if compressor not in _DECOMPRESS:
        raise Unsupported("it is compressed with what stocktake cannot undo: lzo, lz4, lzma or zstd")
    return Image(read_at, compressor, block_size, root, inodes, directories, fragments)


def metadata(image: Image, table: int, reference: int, size: int) -> bytes:
    """Read at most size bytes of a table from a reference: the offset of a block in the table, and one within the block."""
    position = table + (reference >> 16)
    offset = reference & 0xFFFF
    found = b""
    while len(found) < offset + size:
        try:
            content, position = _block(image, position)
        except (ValueError, struct.error, zlib.error):
            break  # behind the last block of a table something else begins
        found += content
        if len(content) != _METADATA:
            break  # only the last one is not full
    return found[offset : offset + size]


def _block(image: Image, position: int) -> tuple[bytes, int]:
    """Read a metadata block, and tell where the next one is."""
    written = struct.unpack("<H", image.read_at(position, 2))[0]
    length = written & 0x7FFF
    content = image.read_at(position + 2, length)
    if not written & 0x8000:
        content = _DECOMPRESS[image.compressor](content, _METADATA)
    return content, position + 2 + length


def data(image: Image, start: int, written: int) -> bytes:
    """Read a block of data, of which the size is as it is written."""
    size = min(written & (UNCOMPRESSED - 1), _BLOCK_MAX)
    content = image.read_at(start, size)
    return content if written & UNCOMPRESSED else _DECOMPRESS[image.compressor](content, image.block_size)


def fragment(image: Image, number: int) -> bytes:
    """Read a fragment."""
    table = image.fragments + number // _FRAGMENTS_IN_A_BLOCK * 8
    block = struct.unpack("<Q", image.read_at(table, 8))[0]
    entry = metadata(image, block, number % _FRAGMENTS_IN_A_BLOCK * 16, 16)
    return data(image, *struct.unpack_from("<QI", entry))


def _inflate(content: bytes, limit: int) -> bytes:
    return zlib.decompressobj().decompress(content, limit)


def _unxz(content: bytes, limit: int) -> bytes:
    import lzma  # noqa: PLC0415 - only who has such an image pays for it

    try:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, _XZ_MEMORY).decompress(content, limit)
    except (lzma.LZMAError, EOFError):
        raise ValueError("the image is broken") from None


_DECOMPRESS = {1: _inflate, 4: _unxz}
"""By the number of the compressor: gzip and xz."""
