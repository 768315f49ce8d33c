"""LZ4 frames, as apt keeps package indexes where it is told to keep them compressed (LZ4 frame format 1.6.1).

Pure Python decodes about 18 MB of compressed bytes a second, which is enough for a small index alone. The
checksums of the format are not verified: what is read here is compared with names, and never run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_MAGIC = b"\x04\x22\x4d\x18"
_VERSION_MASK, _VERSION = 0xC0, 0x40
_BLOCK_CHECKSUM, _CONTENT_SIZE, _CONTENT_CHECKSUM, _DICTIONARY = 0x10, 0x08, 0x04, 0x01
_WINDOW = 64 * 1024
"""Bytes back that a match may reach."""
_BLOCK_LIMIT = 4 * 1024 * 1024
"""Bytes that the largest kind of block has when it is decoded."""
_STORED = 1 << 31


def decompress(content: bytes) -> Iterator[bytes]:
    """Give what frames that follow each other hold, block by block; ValueError for what is malformed or cut off."""
    at = 0
    try:
        while at < len(content):
            at = yield from _frame(content, at)
    except IndexError:
        raise ValueError("an LZ4 block is malformed") from None


def _frame(content: bytes, at: int) -> Generator[bytes, None, int]:
    """Give the blocks of a frame, and return where it ends."""
    if content[at : at + 4] != _MAGIC:
        raise ValueError("no LZ4 frame")
    flags = content[at + 4]
    if flags & _VERSION_MASK != _VERSION or flags & _DICTIONARY:
        raise ValueError("a kind of LZ4 frame that is not read")
    at += 15 if flags & _CONTENT_SIZE else 7
    window = b""
    while size := _number(content, at):
        at += 4
        length = size & ~_STORED
        block = content[at : at + length]
        if len(block) < length:
            raise ValueError("an LZ4 block is cut off")
        plain = block if size & _STORED else _block(block, window)
        yield plain
        window = (window + plain)[-_WINDOW:]
        at += length + (4 if flags & _BLOCK_CHECKSUM else 0)
    return at + (8 if flags & _CONTENT_CHECKSUM else 4)


def _number(content: bytes, at: int) -> int:
    four = content[at : at + 4]
    if len(four) < 4:
        raise ValueError("an LZ4 frame is cut off")
    return int.from_bytes(four, "little")


def _block(block: bytes, window: bytes) -> bytes:
    """Decode a block: sequences of literals and of a match in what came before; one loop, for it is the hot one."""
    plain = bytearray(window)
    limit = len(window) + _BLOCK_LIMIT
    at, end = 0, len(block)
    while at < end:
        token = block[at]
        at += 1
        length = token >> 4
        if length == 15:
            length, at = _extended(block, at)
        plain += block[at : at + length]
        at += length
        if at >= end:
            break
        offset = block[at] | block[at + 1] << 8
        at += 2
        length = (token & 15) + 4
        if length == 19:
            length, at = _extended(block, at, length)
        start = len(plain) - offset
        if start < 0 or not offset or start + offset + length > limit:
            raise ValueError("an LZ4 match is out of bounds")
        plain += plain[start : start + length] if offset >= length else _repeated(plain[start:], length)
    if at > end:
        raise ValueError("an LZ4 block is cut off")
    return bytes(plain[len(window) :])


def _extended(block: bytes, at: int, length: int = 15) -> tuple[int, int]:
    """Add bytes to a length until one is not 255; give it and where it ends."""
    while (more := block[at]) == 255:
        length += 255
        at += 1
    return length + more, at + 1


def _repeated(pattern: bytearray, length: int) -> bytearray:
    """Give what a match that reaches into itself stands for: its beginning again and again."""
    return (pattern * (length // len(pattern) + 1))[:length]
