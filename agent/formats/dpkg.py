"""The stanzas of dpkg's database: deb822 paragraphs as var/lib/dpkg/status and status.d hold them.

Only the fields that become facts are read. dpkg ends every stanza with an empty line and writes the
names of fields in one capitalisation (lib/dpkg/dump.c, lib/dpkg/parse.c); a file that ends otherwise
was cut off.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

STANZA_LIMIT = 1024 * 1024
"""Bytes of a stanza that are kept; of a longer one the beginning is dropped, and its name with it."""

_END = re.compile(rb"\n\r?\n")
"""The empty line behind a stanza; where no carriage return is, bytes.split finds it in half the time."""
_NAMES = ("Package", "Status", "Version", "Architecture", "Source", "Section", "Origin", "Vendor", "Multi-Arch")
"""The fields that are read, in the order of Stanza."""
_FIELD = re.compile(rf"\n({'|'.join(_NAMES)})[ \t]*:[ \t]*([^\n]*)")
_SOURCE = re.compile(r"([^\s(]+)[ \t]*(?:\([ \t]*([^)\s]*)[ \t]*\))?")


class CutOff(ValueError):
    """The file ends within a stanza; all that was given before is whole."""


class Stanza(NamedTuple):
    """What a stanza says; None for a field that it does not have or leaves empty.

    status: Three words: what the administrator wants, an error flag, the state of the package.
    source: Name of the source package, followed by its version in parentheses where that differs.
    multi_arch: same, foreign, allowed or no.
    text: The whole stanza, for fields that are read only when somebody asks for them.
    """

    name: str | None
    status: str | None
    version: str | None
    architecture: str | None
    source: str | None
    section: str | None
    origin: str | None
    vendor: str | None
    multi_arch: str | None
    text: str = ""


def stanzas(chunks: Iterable[bytes]) -> Iterator[Stanza]:
    """Read a database file piece by piece, at most one stanza more than a piece in memory.

    Raises CutOff at the end when the last stanza is not followed by an empty line. It is given all the same
    when it has whole lines, of status and version among them; a part of it would look like a change.
    """
    rest = b""
    for chunk in chunks:
        rest += chunk
        *ended, rest = _END.split(rest) if b"\r" in rest else rest.split(b"\n\n")
        yield from filter(None, map(_read, ended))
        if len(rest) > STANZA_LIMIT:
            rest = b"\0" + rest[-2:]
    if rest.endswith(b"\n"):
        last = _read(rest)
        if last and last.status and last.version:
            yield last
    if rest.strip(b"\r\n"):
        raise CutOff("it ends within a stanza: the rest is missing")


def whole(content: bytes) -> Iterator[Stanza]:
    """Read a small file that need not end with an empty line: one of status.d or of the journal."""
    return filter(None, map(_read, _END.split(content)))


def source(stanza: Stanza) -> tuple[str | None, str | None]:
    """Give name and version of the source package: those of the package itself where it names no other."""
    match = _SOURCE.match(stanza.source) if stanza.source else None
    if not match:
        return stanza.name, stanza.version
    return match[1], match[2] or stanza.version


def _read(paragraph: bytes) -> Stanza | None:
    """Read one paragraph; None where there is only white space."""
    if not paragraph or paragraph.isspace():
        return None
    text = "\n" + paragraph.decode("utf-8", "surrogateescape")
    fields = {name: value.rstrip(" \t\r") or None for name, value in _FIELD.findall(text)}
    return Stanza._make((*map(fields.get, _NAMES), text))
