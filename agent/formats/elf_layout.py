"""Sections and segments of an ELF file, of which only the tables are read (elf(5), the System V ABI's chapters 4 and 5)."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.formats.read_at import ReadAt

TABLE_LIMIT = 256 * 1024
"""Bytes that a table of sections or segments, or the names of sections may have; real ones have some thousand."""
WRITABLE, EXECUTABLE = 2, 1
"""PF_W and PF_X of a segment's flags."""

_LOAD = 1
_NOBITS = 8
_ELSEWHERE = 0xFFFF
"""SHN_XINDEX and PN_XNUM: 16 bits do not hold the number, which the header of section 0 has."""


class Malformed(ValueError):
    """The tables of an ELF file are broken or longer than TABLE_LIMIT."""


class Section(NamedTuple):
    """Where a section's bytes are in the file: the first one, and how many."""

    offset: int
    size: int


class Segment(NamedTuple):
    """A part of the file that is loaded.

    flags: WRITABLE, EXECUTABLE and others.
    offset: Where its bytes are in the file.
    address: Where they are in memory.
    size: How many of them the file has.
    """

    flags: int
    offset: int
    address: int
    size: int


class _Layout(NamedTuple):
    """Where the fields are.

    header: e_phoff, e_shoff, e_phentsize, e_phnum, e_shentsize, e_shnum, e_shstrndx.
    section: sh_name, sh_type, sh_offset, sh_size, sh_link, sh_info.
    segment: p_type, p_flags, p_offset, p_vaddr, p_filesz; with 32 bits p_flags is the last.
    """

    header: Struct
    section: Struct
    segment: Struct


class _Tables(NamedTuple):
    layout: _Layout
    segments: int
    sections: int
    segment_size: int
    segment_count: int
    section_size: int
    section_count: int
    names: int


_LAYOUTS = {
    b"\1\1": _Layout(Struct("<28xLL6xHHHHH"), Struct("<LL8xLLLL8x"), Struct("<LLL4xL4xL4x")),
    b"\1\2": _Layout(Struct(">28xLL6xHHHHH"), Struct(">LL8xLLLL8x"), Struct(">LLL4xL4xL4x")),
    b"\2\1": _Layout(Struct("<32xQQ6xHHHHH"), Struct("<LL16xQQLL16x"), Struct("<LLQQ8xQ16x")),
    b"\2\2": _Layout(Struct(">32xQQ6xHHHHH"), Struct(">LL16xQQLL16x"), Struct(">LLQQ8xQ16x")),
}
"""By EI_CLASS (1 is 32 bits, 2 is 64) and EI_DATA (1 is little-endian, 2 is big-endian)."""


def section_names(read_at: ReadAt) -> bytes:
    """Give the names of the sections, with a zero byte behind each; empty for what is no ELF file or has no sections.

    Three small reads, by which most programs turn out to be of no interest. Malformed where the tables are not there.
    """
    tables = _tables(read_at)
    return _names(read_at, tables) if tables else b""


def section(read_at: ReadAt, name: bytes) -> Section | None:
    """Find the section of a name that has bytes in the file; None where there is none. Malformed as section_names."""
    tables = _tables(read_at)
    if tables and tables.sections:
        names = _names(read_at, tables) + b"\0"
        of_section = tables.layout.section
        for at, kind, offset, size, *_ in of_section.iter_unpack(_section_headers(read_at, tables)):
            if kind != _NOBITS and names.startswith(name + b"\0", at):
                return Section(offset, size)
    return None


def segments(read_at: ReadAt) -> Iterator[Segment]:
    """Give the segments that are loaded, in the file's order; none for what is no ELF file. Malformed as section_names."""
    tables = _tables(read_at)
    if tables and tables.segment_count:
        of_segment = tables.layout.segment
        for kind, *fields in of_segment.iter_unpack(_segment_headers(read_at, tables)):
            if kind == _LOAD:
                yield Segment(*fields) if of_segment.size == 56 else Segment(fields[3], *fields[:3])


def _tables(read_at: ReadAt) -> _Tables | None:
    """Read the header; None for what is no ELF file."""
    head = read_at(0, 64)
    layout = _LAYOUTS.get(head[4:6])
    if not layout or not head.startswith(b"\x7fELF") or len(head) < layout.header.size:
        return None
    tables = _Tables(layout, *layout.header.unpack_from(head))
    if tables.sections and (_ELSEWHERE in (tables.segment_count, tables.names) or not tables.section_count):
        return _with_large_numbers(read_at, tables)
    return tables


def _with_large_numbers(read_at: ReadAt, tables: _Tables) -> _Tables:
    _, _, _, size, link, info = tables.layout.section.unpack(
        _read(read_at, tables.sections, tables.layout.section.size)
    )
    return tables._replace(
        segment_count=info if tables.segment_count == _ELSEWHERE else tables.segment_count,
        section_count=tables.section_count or size,
        names=link if tables.names == _ELSEWHERE else tables.names,
    )


def _names(read_at: ReadAt, tables: _Tables) -> bytes:
    if not tables.sections or not tables.names:
        return b""
    if tables.names >= tables.section_count:
        raise Malformed("the section with the names of sections is not in the table")
    of_section = tables.layout.section
    header = _read(read_at, tables.sections + tables.names * of_section.size, of_section.size)
    _, kind, offset, size, *_ = of_section.unpack(header)
    return _read(read_at, offset, size) if kind != _NOBITS else b""


def _section_headers(read_at: ReadAt, tables: _Tables) -> bytes:
    if tables.section_size != tables.layout.section.size:
        raise Malformed("headers of sections have a size that is not theirs")
    return _read(read_at, tables.sections, tables.section_count * tables.section_size)


def _segment_headers(read_at: ReadAt, tables: _Tables) -> bytes:
    if tables.segment_size != tables.layout.segment.size:
        raise Malformed("headers of segments have a size that is not theirs")
    return _read(read_at, tables.segments, tables.segment_count * tables.segment_size)


def _read(read_at: ReadAt, offset: int, size: int) -> bytes:
    if size > TABLE_LIMIT or offset >= 1 << 63:
        raise Malformed(f"a table of an ELF file is longer than {TABLE_LIMIT} bytes")
    table = read_at(offset, size)
    if len(table) < size:
        raise Malformed("a table of an ELF file is not where its header says")
    return table
