"""The snapshot of a section: a header line, one line a record in the order of their keys, a footer line.

A record's line is its key as a JSON string, its stable fields and its volatile fields, each canonical
JSON, with tabs between. A snapshot without its footer was not finished and does not count.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from zlib import crc32

from agent.model.codec import Line, dumps, original

FORMAT = 1


@dataclass(frozen=True)
class Header:
    """The first line.

    section: Name of the section.
    taken_at: When collecting began, seconds since 1970.
    format: Version of this format.
    """

    section: str
    taken_at: int
    format: int = FORMAT


@dataclass(frozen=True)
class Footer:
    """The last line.

    status: complete or partial: nothing else becomes a snapshot.
    count: Number of records, gaps among them.
    gaps: Number of gaps.
    hides: The distinct Gap.hides of the gaps, which say what absence does not prove.
    digest: Set digest of the records.
    crc: CRC-32 of all bytes before the footer.
    taken_at: As in the header, so that one read at the end tells all.
    """

    status: str
    count: int
    gaps: int
    hides: tuple[str | None, ...]
    digest: str
    crc: int
    taken_at: int


def write_header(header: Header) -> bytes:
    """Give the header as a line."""
    return dumps(asdict(header)) + b"\n"


def read_header(line: bytes) -> Header:
    """Read a header; ValueError when it is not one of this format."""
    try:
        header = Header(**json.loads(line))
    except (TypeError, ValueError) as error:
        raise ValueError(f"not a snapshot header: {error}") from None
    if header.format != FORMAT:
        raise ValueError(f"snapshot format {header.format}, expected {FORMAT}")
    return header


def write_line(line: Line) -> bytes:
    """Give a record's line."""
    return b"%b\t%b\t%b\n" % line


def read_line(line: bytes) -> Line:
    """Read a record's line; ValueError when it has not three columns."""
    columns = line.rstrip(b"\n").split(b"\t")
    if len(columns) != 3:
        raise ValueError("a snapshot line must have three columns")
    return Line(*columns)


def write_footer(footer: Footer) -> bytes:
    """Give the footer as a line; it alone starts with an = sign, and ends with a tab and its own CRC-32."""
    text = dumps(asdict(footer))
    return b"=%b\t%d\n" % (text, crc32(text))


def read_footer(line: bytes) -> Footer:
    """Read a footer; ValueError when the line is none. Earlier versions wrote it without a CRC."""
    if not (line.startswith(b"=") and line.endswith(b"\n")):
        raise ValueError("the snapshot has no footer: it was not finished")
    text, tab, checksum = line[1:-1].partition(b"\t")
    if tab and checksum != b"%d" % crc32(text):
        raise ValueError("the checksum of the snapshot's footer is wrong")
    try:
        fields = json.loads(text)
        fields["hides"] = tuple(None if prefix is None else original(prefix) for prefix in fields["hides"])
        return Footer(**fields)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not a snapshot footer: {error}") from None
