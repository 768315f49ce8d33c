"""Name, version and architecture of the stanzas of a Packages index, which may have 100,000: a stream of bytes.

An index is deb822 paragraphs between empty lines, as is the status file of dpkg. Nearly all of them are of
packages that nobody asks for: those cost one search for the paragraph's end and one look at its first line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

STANZA_LIMIT = 1024 * 1024
"""Bytes of a stanza that are kept; a longer one is passed over."""


class Entry(NamedTuple):
    """A package in an index.

    source_version: Version of the source package that it was built from.
    """

    name: bytes
    version: bytes
    architecture: bytes
    source_version: bytes


def entries(chunks: Iterable[bytes], names: Container[bytes] | None = None) -> Iterator[Entry]:
    """Give the packages of an index that have one of some names, or all; never raises itself.

    A stanza without name or version is passed over.
    """
    for stanza in _named(chunks, names):
        name, version = _field(stanza, b"\nPackage:"), _field(stanza, b"\nVersion:")
        if name and version and (names is None or name in names):
            yield Entry(name, version, _field(stanza, b"\nArchitecture:"), _source_version(stanza) or version)


def _named(chunks: Iterable[bytes], names: Container[bytes] | None) -> Iterator[bytes]:
    """Give the stanzas whose first line is that of a name, and those that begin with another line, each behind a newline."""
    rest = b"\n"
    for chunk in chunks:
        content = rest + chunk
        find = content.find
        start = 0
        while (end := find(b"\n\n", start + 1)) >= 0:
            # The slice is the name of a stanza that starts as nearly all do: "\nPackage: name\n".
            if names is None or content[start + 10 : find(b"\n", start + 1)] in names or _is_odd(content, start):
                yield content[start : end + 1]
            start = end + 1
        rest = content[start:]
        if len(rest) > STANZA_LIMIT:
            rest = b"\n " + rest[-1:]
    yield rest


def _is_odd(content: bytes, start: int) -> bool:
    return not content.startswith(b"\nPackage: ", start)


def _field(stanza: bytes, name: bytes) -> bytes:
    """Give the first line of a field's value, of which name is the start of its line; empty where there is none."""
    start = stanza.find(name)
    if start < 0:
        return b""
    start += len(name)
    end = stanza.find(b"\n", start)
    return stanza[start : end if end >= 0 else None].strip()


def _source_version(stanza: bytes) -> bytes:
    """Give the version that the field Source has in parentheses, which it has where it differs from the package's."""
    return _field(stanza, b"\nSource:").partition(b"(")[2].partition(b")")[0].strip()
