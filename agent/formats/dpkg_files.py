"""What dpkg notes of files: lists of paths, md5sums, conffiles and diversions (deb-md5sums(5), dpkg-divert(1)).

With what the lines say comes the number of those that are not what they should be.
"""

from __future__ import annotations

import re
from typing import NamedTuple

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


def listed(content: bytes) -> tuple[list[str], int]:
    """Give the absolute paths of info/*.list, among them those of directories."""
    paths = content.decode("utf-8", "surrogateescape").split("\n")
    if not paths[-1]:
        paths.pop()
    if content.count(b"\n/") + content.startswith(b"/") == len(paths):
        return paths, 0
    absolute = [path for path in paths if path.startswith("/")]
    return absolute, len(paths) - len(absolute)


def summed(content: bytes) -> tuple[list[tuple[str, str]], int]:
    """Give the MD5s, hexadecimal, and the absolute paths of info/*.md5sums."""
    found = [
        (md5.decode("ascii"), "/" + path.decode("utf-8", "surrogateescape")) for md5, path in _SUM.findall(content)
    ]
    return found, _lines(content) - len(found)


def conffiles(stanza: str) -> tuple[list[Conffile], int]:
    """Give the conffiles of a stanza of dpkg's database, whose field has one a line (lib/dpkg/fields.c)."""
    field = _CONFFILES.search(stanza)
    lines = [line.strip(" \t\r") for line in field[1].split("\n")[1:]] if field else []
    found = [match for match in map(_CONFFILE.fullmatch, lines) if match]
    return [_conffile(*match.groups()) for match in found], len(lines) - len(found)


def diversions(content: bytes) -> tuple[dict[str, Diversion], int]:
    """Give the diversions by the paths that packages have: three lines each, a colon for no package (lib/dpkg/db-fsys-divert.c)."""
    lines = content.decode("utf-8", "surrogateescape").split("\n")
    threes = list(zip(lines[0::3], lines[1::3], lines[2::3]))
    found = {
        path: Diversion(place, None if package == ":" else package)
        for path, place, package in threes
        if path.startswith("/") and place.startswith("/") and package
    }
    return found, _lines(content) - 3 * len(found)


def _conffile(path: str, md5: str, flags: str) -> Conffile:
    return Conffile(f"/{path.lstrip('/')}", None if md5 == "newconffile" else md5, tuple(flags.split()))


def _lines(content: bytes) -> int:
    return content.count(b"\n") + (not content.endswith(b"\n") and content != b"")
