"""Debian's copyright files: the licences that a machine-readable one states (DEP-5, copyright-format 1.0).

Of such a file counts the synopsis of the License field of every Files stanza. Those of debian/* cover the
packaging, of which nothing is installed as a rule: they count only where there is no other stanza. The
License of the header, a summary, counts only where there is no Files stanza at all. Any other file is
searched for the texts of licences and for references to /usr/share/common-licenses.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.formats.license import NONE, TEXT, License, license_of
from agent.formats.license_text import classes

if TYPE_CHECKING:
    from collections.abc import Iterable

_FORMAT = re.compile(rb"(?:Format|Format-Specification)[ \t]*:", re.IGNORECASE)
_FILES = re.compile(rb"(?:^|\n)Files:([^\n]*(?:\n[ \t]+[^\n]*)*)")
_MORE = " ..."


def license_in(copyright_file: bytes) -> License:
    """Give the licence of a package: all of its licences joined by AND where each is known, else their names."""
    content = copyright_file.replace(b"\r\n", b"\n").lstrip()
    if _FORMAT.match(content):
        synopses = _synopses(content.replace(b"\n \n", b"\n\n"))
        if synopses and b"" not in synopses:
            return _joined({b" ".join(synopsis.split()).decode("utf-8", "surrogateescape") for synopsis in synopses})
    names = classes(content)
    return License(_listing(names), "text") if names else NONE


def _synopses(content: bytes) -> set[bytes]:
    """Give the first lines of the License fields that count; an empty one where a stanza has none."""
    packaging: set[bytes] = set()
    others: set[bytes] = set()
    header, *stanzas = content.split(b"\n\n")
    for stanza in stanzas:
        files = _FILES.search(stanza) if b"Files:" in stanza else None
        if files:
            own = b"debian/" in files[1] and all(pattern.startswith(b"debian/") for pattern in files[1].split())
            (packaging if own else others).add(_synopsis(stanza))
    return others or packaging or {_synopsis(header)} - {b""}


def _synopsis(stanza: bytes) -> bytes:
    """Give the first line of the License field; empty where there is none."""
    start = 0 if stanza.startswith(b"License:") else stanza.find(b"\nLicense:") + 1
    if not stanza.startswith(b"License:", start):
        return b""
    end = stanza.find(b"\n", start)
    return stanza[start + len(b"License:") : end if end >= 0 else None].strip()


def _joined(synopses: set[str]) -> License:
    """Join what several stanzas say, in an order that is always the same."""
    licenses = [license_of(synopsis, "debian") for synopsis in synopses]
    if all(found.form == "spdx" for found in licenses):
        return license_of(" AND ".join(_sorted(f"({found.text})" for found in licenses)))
    return License(_listing(_sorted(synopses)), "text")


def _listing(names: list[str]) -> str:
    """Write names one after the other; dots stand for those that there is no room for."""
    text = ", ".join(names)
    if len(text) <= TEXT:
        return text
    end = text.rfind(", ", 0, TEXT - len(_MORE))
    return text[: end + 1 if end >= 0 else TEXT - len(_MORE)] + _MORE


def _sorted(names: Iterable[str]) -> list[str]:
    """Sort names without regard to case, of two that differ in nothing else the first."""
    by_case = {name.lower(): name for name in sorted(names, reverse=True)}
    return [by_case[name] for name in sorted(by_case)]
