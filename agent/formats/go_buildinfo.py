"""What Go's linker writes into a program: the version of Go and the modules (Go's debug/buildinfo, runtime/debug.BuildInfo)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from agent.formats.elf_layout import EXECUTABLE, WRITABLE, section, segments
from agent.formats.manifest import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.formats.read_at import ReadAt

SECTION = b".go.buildinfo"
LIMIT = 256 * 1024
"""Bytes that the text of the modules may have; that of kubelet has 30,000."""

_MAGIC = b"\xff Go buildinf:"
_ALIGNMENT = 16
_HEADER = 32
_BIG_ENDIAN, _INLINE = 1, 2
_SEARCHED = 64 * 1024
"""Bytes of the data segment in which Go looks for the header where no section says where it is."""
_NO_VERSION = (b"", b"(devel)")


class Malformed(ValueError):
    """The program has build information that cannot be read."""


class Module(NamedTuple):
    """A module that was built into the program.

    path: As it is imported, for example golang.org/x/sys; of a replaced one that of the replacement, unless that was a directory.
    version: With its v; None where it was built from a directory.
    """

    path: str
    version: str | None


class BuildInfo(NamedTuple):
    """What a program was built of.

    go: Version of Go as its linker writes it, for example go1.19.8 or devel go1.22-0f0e8bd Thu Mar 2 2023.
    modules: The modules, that of the program itself first; none where it was built without modules, as Debian builds.
    """

    go: str
    modules: tuple[Module, ...]


def build_info(read_at: ReadAt) -> BuildInfo | None:
    """Read the build information of an ELF file; None for what Go did not build.

    Malformed where it breaks off, is longer than LIMIT, or is filled in only when the program starts (position-independent
    programs of Go before 1.18 that another linker linked); elf_layout's Malformed where the file's tables are broken; another
    ValueError where a name or version is none that a module can have.
    """
    at = _header_at(read_at)
    if at is None:
        return None
    header = read_at(at, _HEADER)
    if len(header) < _HEADER:
        raise Malformed("the build information of a Go program breaks off")
    version, modules = _inline(read_at, at + _HEADER) if header[15] & _INLINE else _pointed_to(read_at, header)
    go = _text(version)
    if not go:
        raise Malformed("the build information of a Go program names no version of Go")
    return BuildInfo(go, tuple(_modules(_unframed(modules))))


def _header_at(read_at: ReadAt) -> int | None:
    found = section(read_at, SECTION)
    start, size = found or _data(read_at)
    searched = read_at(start, min(size, _SEARCHED)) if start < 1 << 63 else b""
    at = searched.find(_MAGIC)
    while at % _ALIGNMENT and at > 0:
        at = searched.find(_MAGIC, at + 1)
    return None if at < 0 else start + at


def _data(read_at: ReadAt) -> tuple[int, int]:
    """Find the first segment of data, as Go does."""
    for segment in segments(read_at):
        if segment.flags & (WRITABLE | EXECUTABLE) == WRITABLE:
            return segment.offset, segment.size
    return 0, 0


def _inline(read_at: ReadAt, at: int) -> tuple[bytes, bytes]:
    """Read the two strings behind the header, each with its length before it, as since Go 1.18."""
    version, at = _counted(read_at, at)
    return version, _counted(read_at, at)[0]


def _counted(read_at: ReadAt, at: int) -> tuple[bytes, int]:
    """Read a string that follows its length (unsigned LEB128), and tell where it ends."""
    length = 0
    for index, byte in enumerate(read_at(at, 5)):
        length |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            start = at + index + 1
            return _whole(read_at, start, length), start + length
    raise Malformed("a length in the build information of a Go program has no end")


def _pointed_to(read_at: ReadAt, header: bytes) -> tuple[bytes, bytes]:
    """Read the two strings of Go whose addresses the header has, as before Go 1.18."""
    order = ">" if header[15] & _BIG_ENDIAN else "<"
    if header[14] not in (4, 8):
        raise Malformed(f"addresses of {header[14]} bytes in the build information of a Go program")
    pointer = struct.Struct(order + ("Q" if header[14] == 8 else "L") * 2)
    version, modules = pointer.unpack_from(header, 16)
    return _string(read_at, version, pointer), _string(read_at, modules, pointer)


def _string(read_at: ReadAt, address: int, pointer: struct.Struct) -> bytes:
    """Read a string of Go: the address of its bytes and their number."""
    start, length = pointer.unpack(_at_address(read_at, address, pointer.size))
    return _at_address(read_at, start, length) if length else b""


def _at_address(read_at: ReadAt, address: int, size: int) -> bytes:
    for segment in segments(read_at):
        if segment.address <= address and address + size <= segment.address + segment.size:
            return _whole(read_at, segment.offset + address - segment.address, size)
    raise Malformed("the build information of a Go program points to what its file does not have")


def _whole(read_at: ReadAt, at: int, size: int) -> bytes:
    if size > LIMIT or at >= 1 << 63:
        raise Malformed(f"the build information of a Go program is longer than {LIMIT} bytes")
    whole = read_at(at, size)
    if len(whole) < size:
        raise Malformed("the build information of a Go program breaks off")
    return whole


def _unframed(modules: bytes) -> bytes:
    """Take off the 16 bytes on each side by which a running program finds the text."""
    return modules[16:-16] if len(modules) >= 33 and modules[-17:-16] == b"\n" else b""


def _modules(lines: bytes) -> Iterator[Module]:
    """Read the lines mod and dep, and =>, which replaces the module of the line before it."""
    last: Module | None = None
    for line in lines.split(b"\n"):
        kind, path, version, *_ = (*line.split(b"\t"), b"", b"", b"")
        if kind in (b"mod", b"dep"):
            if last:
                yield last
            last = _module(path, version)
        elif kind == b"=>" and last:
            last = last._replace(version=None) if version in _NO_VERSION else _module(path, version)
    if last:
        yield last


def _module(path: bytes, version: bytes) -> Module:
    named = _text(path)
    if not named or named.endswith("/"):
        raise Malformed("the build information of a Go program lists a module without a name")
    return Module(named, None if version in _NO_VERSION else _text(version))


def _text(line: bytes) -> str | None:
    return text(line.decode("utf-8", "replace"))
