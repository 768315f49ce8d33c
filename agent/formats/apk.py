"""The installed packages of apk (Alpine, Wolfi): lib/apk/db/installed, as apk-tools 2 and 3 write it.

An entry is a paragraph of lines, each a letter, a colon and a value; those about files begin with the
first F: (src/database.c, apk_db_fdb_read). apk ends every entry with an empty line.
"""

from __future__ import annotations

import re
from binascii import Error, a2b_base64
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ENTRY_LIMIT = 16 * 1024 * 1024
"""Bytes that one entry may have; the largest packages have some 10,000 files of 80 bytes each."""

_HEADER = re.compile(r"^([A-Za-z]):(.*)$", re.MULTILINE)
_NAME = re.compile(rb"^R:(.*)$", re.MULTILINE)
_FILE = re.compile(rb"^R:(.*)(?:\na:(.*))?(?:\nZ:(.*))?$", re.MULTILINE)
_ALGORITHM = {20: "sha1", 32: "sha256"}


class CutOff(ValueError):
    """The database ends within an entry, or one is too long; all that was given before is whole."""


class Entry(NamedTuple):
    """What an entry says of a package; None for a field that it does not have or leaves empty.

    origin: Name of the source package.
    provides: What else the package stands for, each name[=version].
    tag: Tag of the repository that it was installed from, without the @ of etc/apk/repositories.
    flags: Letters: f where some of its files could not be installed, s where a script failed, x where extended
        attributes could not be set, S where the digests of files are cut-off SHA-256.
    broken: Whether it has lines that are no fields.
    listing: Its lines about files.
    """

    name: str | None
    version: str | None
    architecture: str | None
    license: str | None
    origin: str | None
    provides: tuple[str, ...]
    tag: str | None
    flags: str
    broken: bool
    listing: bytes


class File(NamedTuple):
    """A file of a package.

    path: Absolute path.
    digest: sha1:... or sha256:... with hexadecimal digits; None for a link, and where none is known.
    """

    path: str
    digest: str | None


def entries(chunks: Iterable[bytes]) -> Iterator[Entry]:
    """Read a database piece by piece, at most one entry more than a piece in memory.

    Raises CutOff at the end when the last entry is not followed by an empty line. It is given all the same
    when its last line is whole.
    """
    rest = b""
    for chunk in chunks:
        *ended, rest = (rest + chunk).split(b"\n\n")
        for paragraph in ended:
            yield from _read(paragraph)
        if len(rest) > ENTRY_LIMIT:
            raise CutOff(f"an entry is longer than {ENTRY_LIMIT} bytes: the rest is missing")
    if rest.endswith(b"\n"):
        yield from _read(rest)
    if rest.strip(b"\n"):
        raise CutOff("it ends within an entry: the rest is missing")


def paths(entry: Entry) -> Iterator[str]:
    """Give the absolute paths of an entry's files, without directories."""
    for directory, block in _directories(entry.listing):
        for match in _NAME.finditer(block):
            yield directory + _text(match[1])


def folders(entry: Entry) -> Iterator[str]:
    """Give the absolute paths of the directories that an entry lists, without the root itself."""
    return (path[:-1] for path, _ in _directories(entry.listing) if path != "/")


def files(entry: Entry) -> Iterator[File]:
    """Give an entry's files with their digests."""
    cut = "S" in entry.flags
    for directory, block in _directories(entry.listing):
        for match in _FILE.finditer(block):
            name, mode, digest = match.groups()
            known = digest and not cut and not _is_link(mode)
            yield File(directory + _text(name), _digest(digest) if known else None)


def _read(paragraph: bytes) -> Iterator[Entry]:
    """Read one paragraph; nothing where there are only empty lines."""
    paragraph = paragraph.strip(b"\n")
    if not paragraph:
        return
    end = paragraph.find(b"\nF:")
    header = _text(paragraph if end < 0 else paragraph[:end])
    fields = _HEADER.findall(header)
    value_of = dict(fields).get
    yield Entry(
        value_of("P") or None,
        value_of("V") or None,
        value_of("A") or None,
        value_of("L") or None,
        value_of("o") or None,
        tuple((value_of("p") or "").split()),
        value_of("s") or None,
        value_of("f") or "",
        len(fields) != header.count("\n") + 1,
        b"" if end < 0 else paragraph[end:],
    )


def _directories(listing: bytes) -> Iterator[tuple[str, bytes]]:
    """Give the path of each directory, with a slash at its end, and the lines about the files in it."""
    start = listing.find(b"\nF:")
    while start >= 0:
        end = listing.find(b"\nF:", start + 1)
        name, _, block = listing[start + 3 : end if end >= 0 else None].partition(b"\n")
        yield f"/{_text(name)}/" if name else "/", block
        start = end


def _is_link(mode: bytes | None) -> bool:
    """Tell whether uid:gid:mode is that of a link, whose digest is that of its target's name (src/app_audit.c)."""
    return bool(mode) and (mode or b"").split(b":")[2:3] == [b"777"]


def _digest(text: bytes) -> str | None:
    """Read Q1 or Q2 and base64; the length tells the algorithm, because early versions of apk 3 wrote Q1 for both."""
    if text[:2] not in (b"Q1", b"Q2"):
        return None
    try:
        digest = a2b_base64(text[2:])
    except Error:
        return None
    algorithm = _ALGORITHM.get(len(digest))
    return f"{algorithm}:{digest.hex()}" if algorithm else None


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
