"""Java: packages of Maven in jar, war and ear archives and in the archives within them, of which only directories are read."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from agent.formats.read_at import of, within
from agent.formats.zip_directory import STORED, NoZip, TooLong, content, entries, start_of
from agent.host.errors import LimitReached, gap
from agent.inventory.languages.java_archive import Archive, findings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.formats.read_at import ReadAt
    from agent.formats.zip_directory import Entry
    from agent.host.found import Found
    from agent.inventory.languages import Finding
    from agent.model.records import Gap

NAMES: frozenset[str] = frozenset()
ENDINGS = (".jar", ".war", ".ear", ".par", ".sar", ".nar", ".kar", ".jpi", ".hpi")
FORMS: frozenset[str] = frozenset()

DEPTH = 3
"""Archives within archives within archives are read, and no deeper ones."""
UNPACKED_LIMIT = 16 * 1024 * 1024
"""Bytes of packed archives within a file that are unpacked in memory at a time; stored ones are read in place."""
WORK_LIMIT = 256 * 1024 * 1024
"""Bytes that are read and unpacked for one file."""
ENTRIES_LIMIT = 10_000
"""Entries of interest that one file may have with all archives within it."""
NAME_LIMIT = 1024
"""Characters of the path of an archive within another."""

_WANTED = re.compile(
    rb"(?i:META-INF/MANIFEST\.MF)$|META-INF/maven/[^/]+/[^/]+/pom\.(?:properties|xml)$|.*\.(?i:jar|[wepsnk]ar|[jh]pi)$",
    re.DOTALL,
)


def packages(found: Found) -> Iterator[Finding | Gap]:
    """Give the packages of an archive and of those within it; one gap tells the first of what could not be read.

    What does not start like an archive may be one behind a script, or none.
    """
    work = _Work()
    yield from _packages(Archive(work.reading(found.read_at), found.size, found.path), UNPACKED_LIMIT, 0, work)
    if work.failure and not (isinstance(work.failure, NoZip) and found.form() != "zip"):
        yield gap(found.path, work.failure, found.path)


class _Work:
    """What is left of the work that one file may cause, and the first failure."""

    def __init__(self) -> None:
        self.left = WORK_LIMIT
        self.entries_left = ENTRIES_LIMIT
        self.failure: Exception | None = None

    def spend(self, count: int) -> None:
        """Count bytes; LimitReached when it is too many."""
        self.left -= count
        if self.left < 0:
            raise LimitReached(f"more than {WORK_LIMIT} bytes of one file would be read")

    def reading(self, read_at: ReadAt) -> ReadAt:
        """Count what is read of an archive."""

        def read(offset: int, count: int) -> bytes:
            self.spend(count)
            return read_at(offset, count)

        return read

    def listing(self, archive: Archive) -> list[Entry]:
        """List the entries of interest of an archive, as many as there may still be."""
        listed = list(islice(entries(archive.read_at, archive.size, _WANTED), self.entries_left + 1))
        if len(listed) > self.entries_left:
            self.fail(LimitReached(f"more than {ENTRIES_LIMIT} entries of interest"))
            del listed[self.entries_left :]
        self.entries_left -= len(listed)
        return listed

    def fail(self, error: Exception) -> None:
        """Keep the first failure."""
        if not self.failure:
            self.failure = LimitReached(str(error)) if isinstance(error, TooLong) else error


def _packages(archive: Archive, room: int, depth: int, work: _Work) -> Iterator[Finding]:
    """Give the packages of an archive and of those within it, of which room bytes may be unpacked at a time."""
    listed: list[Entry] = []
    try:
        listed = work.listing(archive)
        yield from findings(archive, listed)
    except (OSError, LimitReached, ValueError) as error:
        work.fail(error)
    for entry in listed:
        if entry.name.lower().endswith(ENDINGS):
            yield from _within(archive, entry, room, depth + 1, work)


def _within(outer: Archive, entry: Entry, room: int, depth: int, work: _Work) -> Iterator[Finding]:
    """Give the packages of an archive within another; what is merely named like one gives nothing."""
    try:
        if depth > DEPTH:
            raise LimitReached(f"archives within more than {DEPTH} archives")
        inner, held = _opened(outer, entry, room, work)
        if inner.read_at(0, 4) != b"PK\x03\x04":
            return
    except (OSError, LimitReached, ValueError) as error:
        work.fail(error)
        return
    yield from _packages(inner, room - held, depth, work)


def _opened(outer: Archive, entry: Entry, room: int, work: _Work) -> tuple[Archive, int]:
    """Open an archive within another, and tell how many bytes it holds in memory."""
    if len(entry.name) > NAME_LIMIT or not entry.name.isprintable():
        raise ValueError("an archive within an archive has a name that no file has")
    location = f"{outer.location}!/{entry.name}"
    if entry.method == STORED:
        start = start_of(outer.read_at, entry)
        return Archive(within(outer.read_at, start, entry.compressed_size), entry.compressed_size, location), 0
    unpacked = content(outer.read_at, entry, room)
    work.spend(len(unpacked))
    return Archive(work.reading(of(unpacked)), len(unpacked), location), len(unpacked)
