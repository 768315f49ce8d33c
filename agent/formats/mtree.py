"""Files with their digests in mtree(5), compressed with gzip, as makepkg has bsdtar write them for pacman."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT = 64 * 1024 * 1024
"""Bytes that may come out of one compressed file."""

_PIECE = 256 * 1024
_LINE = 512 * 1024
_GZIP = 31
"""The bits that make zlib expect the header of gzip, for its largest window."""
_ENTRY = re.compile(rb"^\./(?!\.)(\S+)(.*)$", re.MULTILINE)
_SET = re.compile(rb"^/set (?:.* )?type=(\S+)", re.MULTILINE)
_TYPE = re.compile(rb" type=(\S+)")
_DIGEST = re.compile(rb" (sha256|md5)digest=([0-9a-f]+)")
_OCTAL = re.compile(rb"\\([0-3][0-7]{2})")


class File(NamedTuple):
    """A regular file.

    path: Absolute path.
    digest: sha256:... or md5:... with hexadecimal digits; None where none is written.
    """

    path: str
    digest: str | None


def files(compressed: bytes) -> Iterator[File]:
    """Give the regular files; those of the package itself, which start with a dot, are left out.

    ValueError for what is no gzip, is cut off, or is longer than LIMIT, at the end of what could be read.
    """
    default = b"file"
    for block in _blocks(compressed):
        default = next((match[1] for match in _SET.finditer(block)), default)
        for match in _ENTRY.finditer(block):
            name, words = match.groups()
            kind = _TYPE.search(words)
            if (kind[1] if kind else default) == b"file":
                yield File(_path(name), _digest(words))


def _blocks(compressed: bytes) -> Iterator[bytes]:
    """Decompress in blocks of whole lines."""
    rest = b""
    for piece in _pieces(compressed):
        whole, end, behind = piece.rpartition(b"\n")
        if end:
            yield rest + whole
            rest = behind
        else:
            rest += behind
        if len(rest) > _LINE:
            raise ValueError(f"a line is longer than {_LINE} bytes")
    yield rest


def _pieces(compressed: bytes) -> Iterator[bytes]:
    stream = zlib.decompressobj(_GZIP)
    left = LIMIT
    try:
        while not stream.eof:
            piece = stream.decompress(compressed, _PIECE)
            compressed = stream.unconsumed_tail
            if not piece and not compressed and not stream.eof:
                raise ValueError("the compressed file is cut off")
            left -= len(piece)
            if left < 0:
                raise ValueError(f"more than {LIMIT} bytes were compressed")
            yield piece
    except zlib.error:
        raise ValueError("it is no gzip file, or a damaged one") from None


def _digest(words: bytes) -> str | None:
    """Give the SHA-256, or the MD5 where there is no other, as before pacman 6.1."""
    digests = {match[1].decode(): match[2].decode() for match in _DIGEST.finditer(words)}
    algorithm = "sha256" if "sha256" in digests else "md5"
    return f"{algorithm}:{digests[algorithm]}" if digests else None


def _path(name: bytes) -> str:
    r"""Undo \NNN, three octal digits for each byte that is not graphic (vis(3))."""
    if b"\\" in name:
        name = _OCTAL.sub(lambda match: bytes((int(match[1], 8),)), name)
    return "/" + name.decode("utf-8", "surrogateescape")
