"""Streams that are compressed as their name's ending says: gzip and xz in pieces, LZ4 where it is small."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.formats.lz4 import decompress

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


ENDINGS = (".gz", ".xz", ".lz4")
"""Endings of names of files that can be read; a name without one of them is that of a plain file."""
LZ4_LIMIT = 4 * 1024 * 1024
"""Compressed bytes of LZ4 that are decoded: a quarter of a second's worth (see agent.formats.lz4)."""

_PIECE = 256 * 1024
_XZ_MEMORY = 32 * 1024 * 1024
"""Bytes that decompression of xz may take: its window is 8 MiB by default (xz(1))."""


def plain(chunks: Iterable[bytes], ending: str) -> Iterator[bytes]:
    """Give the plain bytes of a stream in pieces of bounded size.

    ending: The ending of its name, one of ENDINGS; any other is of a plain file. ValueError for what is
    malformed or cut off, and for LZ4 of more than LZ4_LIMIT bytes.
    """
    if ending == ".gz":
        return _gzip(chunks)
    if ending == ".xz":
        return _xz(chunks)
    return _lz4(chunks) if ending == ".lz4" else iter(chunks)


def _gzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Decompress members that follow each other (RFC 1952)."""
    import zlib  # noqa: PLC0415 - most indexes are plain

    member = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        for chunk in chunks:
            left = chunk
            while left:
                if member.eof:
                    member = zlib.decompressobj(16 + zlib.MAX_WBITS)
                yield member.decompress(left, _PIECE)
                left = member.unused_data if member.eof else member.unconsumed_tail
        yield member.flush(_PIECE)
    except zlib.error as error:
        raise ValueError(f"malformed gzip: {error}") from None
    if not member.eof:
        raise ValueError("gzip that is cut off")


def _xz(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Decompress one stream, which is all that xz(1) writes."""
    try:
        import lzma  # noqa: PLC0415 - most indexes are plain
    except ImportError:
        raise ValueError("this Python was built without xz") from None
    stream = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)
    try:
        for chunk in chunks:
            yield stream.decompress(chunk, _PIECE)
            while not (stream.needs_input or stream.eof):
                yield stream.decompress(b"", _PIECE)
            if stream.eof:
                return
    except lzma.LZMAError as error:
        raise ValueError(f"malformed xz: {error}") from None
    raise ValueError("xz that is cut off")


def _lz4(chunks: Iterable[bytes]) -> Iterator[bytes]:
    content = b""
    for chunk in chunks:
        content += chunk
        if len(content) > LZ4_LIMIT:
            raise ValueError(f"more than {LZ4_LIMIT} bytes of LZ4")
    yield from decompress(content)
