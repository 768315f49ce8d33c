"""The crates that a Rust program was built of, as cargo-auditable writes them into it (its PARSING.md and JSON schema)."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, NamedTuple

from agent.formats import json_text
from agent.formats.elf_layout import section
from agent.formats.manifest import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.formats.read_at import ReadAt

SECTION = b".dep-v0"
LIMIT = 1024 * 1024
"""Bytes that the section's JSON may have; that of a program of 500 crates has 50,000."""
_RUNTIME = "runtime"


class Malformed(ValueError):
    """The section does not hold what cargo-auditable writes, or more than LIMIT."""


class Crate(NamedTuple):
    """A crate that is in the program."""

    name: str
    version: str


def crates(read_at: ReadAt) -> list[Crate]:
    """Give the crates of an ELF file's section, in its order; none where it has no such section.

    Those that only built it (build scripts, and procedural macros where the format tells them apart) are left out. Malformed
    where the section is broken; elf_layout's Malformed where the file's tables are.
    """
    found = section(read_at, SECTION)
    if not found:
        return []
    if found.size > LIMIT or found.offset >= 1 << 63:
        raise Malformed(f"{SECTION.decode()} is longer than {LIMIT} bytes")
    try:
        return list(_crates(json_text.read(_unpacked(read_at(found.offset, found.size)))))
    except Malformed:
        raise
    except ValueError as error:
        raise Malformed(f"{SECTION.decode()} holds no list of crates: {error}") from None


def _unpacked(packed: bytes) -> bytes:
    inflater = zlib.decompressobj()
    try:
        unpacked = inflater.decompress(packed, LIMIT + 1)
    except zlib.error as error:
        raise Malformed(f"{SECTION.decode()} cannot be unpacked: {error}") from None
    if len(unpacked) > LIMIT:
        raise Malformed(f"{SECTION.decode()} unpacks to more than {LIMIT} bytes")
    if not inflater.eof:
        raise Malformed(f"{SECTION.decode()} breaks off")
    return unpacked


def _crates(document: object) -> Iterator[Crate]:
    packages = document.get("packages") if isinstance(document, dict) else None
    if not isinstance(packages, list):
        raise Malformed(f"{SECTION.decode()} has no list of crates")
    for package in packages:
        if not isinstance(package, dict):
            raise Malformed(f"{SECTION.decode()} lists what is no crate")
        name, version = text(package.get("name")), text(package.get("version"))
        if not name or not version:
            raise Malformed(f"{SECTION.decode()} lists a crate without name or version")
        if package.get("kind", _RUNTIME) == _RUNTIME:
            yield Crate(name, version)
