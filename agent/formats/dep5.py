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

_FORMAT = re.compile(rb"\n(?:Format|Format-Specification)[ \t]*:", re.IGNORECASE)
_FILES = re.compile(rb"\nFiles:([^\n]*(?:\n[ \t]+[^\n]*)*)")
_LICENSE = b"\nLicense:"
_MORE = " ..."


def license_in(copyright_file: bytes) -> License:
    """Give the licence of a package: all of its licences joined by AND where each is known, else their names."""
    content = b"\n" + copyright_file.replace(b"\r\n", b"\n").lstrip()
    if _FORMAT.match(content):
        synopses = _synopses(content)
        if synopses and b"" not in synopses:
            return _joined({b" ".join(synopsis.split()).decode("utf-8", "surrogateescape") for synopsis in synopses})
    names = classes(content)
    return License(_listing(names), "text") if names else NONE


def _synopses(content: bytes) -> set[bytes]:
    """Give the first lines of the License fields that count; an empty one where a stanza has none."""
    packaging: set[bytes] = set()
    others: set[bytes] = set()
    for files in _FILES.finditer(content):
        own = all(pattern.startswith(b"debian/") for pattern in files[1].split())
        (packaging if own else others).add(_license_of_stanza(content, files))
    return others or packaging or _of_header(content)


def _license_of_stanza(content: bytes, files: re.Match[bytes]) -> bytes:
    """Find the License field in the stanza of a Files field, behind it as a rule."""
    stop = content.find(b"\n\n", files.end())
    found = _synopsis(content, files.end(), stop if stop >= 0 else len(content))
    return found or _synopsis(content, content.rfind(b"\n\n", 0, files.start() + 1) + 1, files.start())


def _synopsis(content: bytes, start: int, stop: int) -> bytes:
    """Give the first line of the first License field between two offsets; empty where there is none."""
    at = content.find(_LICENSE, start, stop)
    if at < 0:
        return b""
    end = content.find(b"\n", at + len(_LICENSE))
    return content[at + len(_LICENSE) : end if end >= 0 else None].strip()


def _of_header(content: bytes) -> set[bytes]:
    stop = content.find(b"\n\n", 2)
    found = _synopsis(content, 0, stop if stop >= 0 else len(content))
    return {found} if found else set()


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
