"""The local database of pacman: the files desc and files of each package (libalpm, be_local.c).

Both hold sections: a line %NAME%, lines of values, an empty line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_MD5 = re.compile("[0-9a-f]{32}")


class Description(NamedTuple):
    """What desc says of a package; None for a section that it does not have.

    source: Name of the package base, the source package that may build several.
    licenses: Each is a licence, or an SPDX expression since 2023.
    packager: Who built it, a name and an address as makepkg.conf had them.
    validation: How it was checked before it was installed: none, md5, sha256, pgp.
    installed_at: When it was installed, seconds since 1970.
    provides: What else it stands for, each name or name=version.
    """

    name: str | None
    version: str | None
    source: str | None
    architecture: str | None
    licenses: tuple[str, ...]
    packager: str | None
    validation: tuple[str, ...]
    installed_at: int | None
    provides: tuple[str, ...]


def description(content: bytes) -> Description:
    """Read desc. Never raises."""
    sections = dict(_sections(content))

    def first(name: str) -> str | None:
        values = sections.get(name)
        return values[0] if values else None

    return Description(
        first("NAME"),
        first("VERSION"),
        first("BASE"),
        first("ARCH"),
        tuple(sections.get("LICENSE", ())),
        first("PACKAGER"),
        tuple(sections.get("VALIDATION", ())),
        _seconds(first("INSTALLDATE")),
        tuple(sections.get("PROVIDES", ())),
    )


def files(content: bytes) -> tuple[list[str], dict[str, str | None]]:
    """Read files: the absolute paths of all files, directories with a slash at their end; and those that are configuration.

    With the latter are the MD5s, hexadecimal, that they had when they were installed; None where none is written.
    """
    sections = dict(_sections(content))
    backups = (line.partition("\t") for line in sections.get("BACKUP", ()))
    configuration = {f"/{path}": md5 if _MD5.fullmatch(md5) else None for path, _, md5 in backups}
    return [f"/{path}" for path in sections.get("FILES", ())], configuration


def name_and_version(entry: str) -> tuple[str, str] | None:
    """Take the name of a package's directory apart: name-version-release; None where it is none."""
    name, *version = entry.rsplit("-", 2)
    return (name, "-".join(version)) if name and len(version) == 2 and all(version) else None


def _sections(content: bytes) -> Iterator[tuple[str, list[str]]]:
    for block in content.decode("utf-8", "surrogateescape").split("\n\n"):
        title, *values = block.strip("\n").split("\n")
        if len(title) > 2 and title[0] == title[-1] == "%":
            yield title[1:-1], values


def _seconds(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 12 else None
