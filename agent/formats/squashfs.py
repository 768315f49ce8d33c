"""One small file of a squashfs 4.0 image, found without mounting it (Linux, fs/squashfs/squashfs_fs.h).

Inodes and directories lie in tables of metadata blocks of 8 KiB, which are compressed one by one; the
content of a file lies in blocks of its own, its end perhaps in a fragment, a block that files share.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, NamedTuple

from agent.formats.squashfs_image import UNCOMPRESSED, data, fragment, metadata, open_image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from agent.formats.squashfs_image import Image

_NO_FRAGMENT = 0xFFFFFFFF
_DIRECTORY_LIMIT = 1024 * 1024
_DIRECTORIES = {1: struct.Struct("<16xI4xHH"), 8: struct.Struct("<20xII6xH")}
_FILES = {2: struct.Struct("<16xIIII"), 9: struct.Struct("<16xQQ12xII4x")}


class _File(NamedTuple):
    start: int
    size: int
    fragment: int
    offset: int
    blocks: tuple[int, ...]


def read_file(read_at: Callable[[int, int], bytes], names: Sequence[str], limit: int) -> bytes:
    """Read a file of an image; names are those of the directories on its way, and its own.

    read_at: Gives a number of bytes from an offset, fewer at the end.
    Unsupported, a ValueError, for an image whose compression cannot be undone; ValueError for what is no image, is broken, does not have the file, or has more than limit bytes of it.
    """
    try:
        image = open_image(read_at)
        reference = image.root
        for name in names:
            reference = _entry(image, reference, name.encode())
        return _content(image, reference, limit)
    except (struct.error, zlib.error, OverflowError):
        raise ValueError("the image is broken") from None


def _entry(image: Image, reference: int, wanted: bytes) -> int:
    """Give the reference of the inode of an entry in a directory."""
    inode = metadata(image, image.inodes, reference, 64)
    layout = _DIRECTORIES.get(struct.unpack_from("<H", inode)[0])
    if not layout:
        raise ValueError("the file is not in it")
    first, second, offset = layout.unpack_from(inode)
    start, size = (first, second) if layout is _DIRECTORIES[1] else (second, first)
    table = metadata(image, image.directories, start << 16 | offset, min(size - 3, _DIRECTORY_LIMIT))
    at = 0
    while at + 12 < len(table):
        count, block = struct.unpack_from("<II", table, at)
        at += 12
        for _ in range(min(count, 255) + 1):
            within, _, _, length = struct.unpack_from("<HhHH", table, at)
            name = table[at + 8 : at + 9 + length]
            at += 9 + length
            if name == wanted:
                return int(block << 16 | within)
    raise ValueError("the file is not in it")


def _content(image: Image, reference: int, limit: int) -> bytes:
    file = _file(image, reference, limit)
    content = b"".join(_blocks(image, file))
    tail = file.size - len(content)
    if tail > 0 and file.fragment != _NO_FRAGMENT:
        content += fragment(image, file.fragment)[file.offset : file.offset + tail]
    if len(content) != file.size:
        raise ValueError("the image is broken")
    return content


def _file(image: Image, reference: int, limit: int) -> _File:
    inode = metadata(image, image.inodes, reference, 56 + 4 * (limit // image.block_size + 1))
    kind = struct.unpack_from("<H", inode)[0]
    layout = _FILES.get(kind)
    if not layout:
        raise ValueError("it is no regular file")
    if kind == 2:
        start, fragment, offset, size = layout.unpack_from(inode)
    else:
        start, size, fragment, offset = layout.unpack_from(inode)
    if size > limit:
        raise ValueError(f"the file is longer than {limit} bytes")
    count = size // image.block_size if fragment != _NO_FRAGMENT else -(-size // image.block_size)
    return _File(start, size, fragment, offset, struct.unpack_from(f"<{count}I", inode, layout.size))


def _blocks(image: Image, file: _File) -> Iterator[bytes]:
    start = file.start
    left = file.size
    for written in file.blocks:
        size = written & (UNCOMPRESSED - 1)
        expected = min(left, image.block_size)
        yield data(image, start, written) if size else bytes(expected)
        start += size
        left -= expected
