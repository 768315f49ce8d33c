"""Files of an installed Python distribution: RECORD (PEP 376, PEP 627) and installed-files.txt of setuptools."""

from __future__ import annotations

import posixpath
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_LEAPS = 64
_PATHS_LIMIT = 10_000
_LINES_LIMIT = 50_000
_OUTSIDE = (b"..", b"")  # what relative paths out of the base and absolute ones start with
_SHARED = (b"__pycache__", b".")
_TARGET_BIN = b"../../bin/"  # what pip writes of commands under --target, where they lie in bin of the base


def claims(record: bytes, base: str) -> tuple[str, ...]:
    """Give what a RECORD lists: top-level directories, with a slash at the end, and files that lie in none of them.

    base: Directory that its paths are relative to, absolute, without a slash at its end. No more are given than any real distribution has.
    """
    return tuple(islice(_claims(record, base), _PATHS_LIMIT))


def installed_files(listing: bytes, base: str) -> tuple[str, ...]:
    """Give the same of installed-files.txt, whose paths are relative to the metadata's own directory below base."""
    outside = (line[len(b"../") :] for line in listing.split(b"\n") if line.startswith(b"../"))
    return claims(b"\n".join(outside), base)


def _claims(record: bytes, base: str) -> Iterator[str]:
    for first, line in _first_of_each(record):
        path = _path(line)
        if first in _OUTSIDE or b"/" not in path:
            yield posixpath.normpath(posixpath.join(f"{base}/", _text(path)))
            if path.startswith(_TARGET_BIN):
                yield f"{base}/{_text(path[len(b'../../') :])}"
        elif first not in _SHARED:
            yield f"{base}/{_text(first)}/"


def _first_of_each(record: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give lines with the first part of their paths: all in the base or out of it, and one of each directory below.

    Installers sort the file, so that all lines of a directory stand together: they are leapt over.
    """
    seen: set[bytes] = set()
    at = 0
    for _ in range(_LINES_LIMIT):
        if at >= len(record):
            break
        end = _line_end(record, at)
        line = record[at:end].strip()
        first, slash, _ = line.lstrip(b'"').partition(b"/")
        at = end + 1
        if slash and first not in _OUTSIDE:
            if first in seen:
                continue
            seen.add(first)
            if len(seen) <= _LEAPS:
                at = _leap(record, end, b"\n" + first + b"/") + 1
        if line:
            yield first, line


def _leap(record: bytes, end: int, start: bytes) -> int:
    """Find the end of the last line that starts so; that of this line where lines of other directories are between."""
    last = record.rfind(start, end)
    if last < 0 or record.count(start, end) != record.count(b"\n", end, last + 1):
        return end
    return _line_end(record, last + 1)


def _line_end(record: bytes, at: int) -> int:
    end = record.find(b"\n", at)
    return end if end >= 0 else len(record)


def _path(line: bytes) -> bytes:
    """Take the path out of a line of comma-separated values; a quoted one has its quotes doubled."""
    if line.startswith(b'"'):
        return line[1:].split(b'",', 1)[0].replace(b'""', b'"')
    return line.split(b",", 1)[0]


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")
