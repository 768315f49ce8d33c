"""What dpkg notes of files: lists of paths, md5sums, conffiles and diversions (deb-md5sums(5), dpkg-divert(1)).

With what the lines say comes the number of those that are not what they should be.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_PART = 256 * 1024
_SUM = re.compile(rb"^([0-9a-f]{32}) [ *](?:\./)?/?([^\n]+)$", re.MULTILINE)
_CONFFILES = re.compile(r"\nConffiles[ \t]*:[^\n]*((?:\n[ \t][^\n]*)*)")
_CONFFILE = re.compile(r"(/?.+) ([0-9a-f]{32}|newconffile)((?: obsolete| remove-on-upgrade)*)")


class Conffile(NamedTuple):
    """A file that a package ships to be edited.

    path: Its absolute path.
    md5: MD5 of the version that was shipped, hexadecimal; None before the package was configured.
    flags: obsolete where the package ships it no more, remove-on-upgrade where it has it removed.
    """

    path: str
    md5: str | None
    flags: tuple[str, ...]


class Diversion(NamedTuple):
    """That the file of every package but one is put elsewhere.

    place: Where it is put.
    package: Name of the package whose own file stays where it is; None where there is none.
    """

    place: str
    package: str | None


def parts(content: bytes) -> Iterator[bytes]:
    """Give a list in parts of whole lines: as text, one of a hundred thousand paths takes four times its size."""
    start = 0
    while start < len(content):
        end = content.find(b"\n", start + _PART)
        end = end + 1 if end >= 0 else len(content)
        yield content[start:end]
        start = end


def listed(content: bytes) -> tuple[list[str], int]:
    """Give the absolute paths of info/*.list, among them those of directories."""
    paths = content.decode("utf-8", "surrogateescape").split("\n")
    if not paths[-1]:
        paths.pop()
    if content.count(b"\n/") + content.startswith(b"/") == len(paths):
        return paths, 0
    absolute = [path for path in paths if path.startswith("/")]
    return absolute, len(paths) - len(absolute)


def summed(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Give the MD5s, hexadecimal, of info/*.md5sums, each with the path without its leading slash as it is written.

    Lines that are none are left out: lines(content) tells how many there are of all.
    """
    for match in _SUM.finditer(content):
        yield match[1].decode("ascii"), match[2]


def lines(content: bytes) -> int:
    """Tell how many lines there are, a last one without an end too."""
    return content.count(b"\n") + (not content.endswith(b"\n") and content != b"")


def conffiles(stanza: str) -> tuple[list[Conffile], int]:
    """Give the conffiles of a stanza of dpkg's database, whose field has one a line (lib/dpkg/fields.c)."""
    field = _CONFFILES.search(stanza)
    written = [line.strip(" \t\r") for line in field[1].split("\n")[1:]] if field else []
    found = [match for match in map(_CONFFILE.fullmatch, written) if match]
    return [_conffile(*match.groups()) for match in found], len(written) - len(found)


def diversions(content: bytes) -> tuple[dict[str, Diversion], int]:
    """Give the diversions by the paths that packages have: three lines each, a colon for no package (lib/dpkg/db-fsys-divert.c)."""
    written = content.decode("utf-8", "surrogateescape").split("\n")
    threes = list(zip(written[0::3], written[1::3], written[2::3]))
    found = {
        path: Diversion(place, None if package == ":" else package)
        for path, place, package in threes
        if path.startswith("/") and place.startswith("/") and package
    }
    return found, lines(content) - 3 * len(found)


def _conffile(path: str, md5: str, flags: str) -> Conffile:
    return Conffile(f"/{path.lstrip('/')}", None if md5 == "newconffile" else md5, tuple(flags.split()))
