"""Writes a section's snapshot: sorted, counted, digested, and committed by one rename."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, BinaryIO, NamedTuple
from zlib import crc32

from agent.delivery.carry import Hides, with_unseen
from agent.delivery.files import replacing, set_aside
from agent.delivery.reading import CURRENT, CorruptSnapshot, check, read_footer_of, read_snapshot
from agent.delivery.sorter import RUN_BYTES, Sorter
from agent.model.codec import encode
from agent.model.digest import SetDigest
from agent.model.records import Gap
from agent.model.snapshot import Footer, Header, write_footer, write_header, write_line
from agent.model.spec import Unchanged
from agent.model.status import COMPLETE, PARTIAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agent.model.codec import Line
    from agent.model.records import Record

_GAP = b'"kind":"gap"'
"""Stands in a gap's line and in no other: within a JSON string the quotes would be escaped."""


class Committed(NamedTuple):
    """What became of a snapshot.

    footer: Its footer.
    changed: Whether its stable content or its status is not that of the snapshot before: something to deliver.
    """

    footer: Footer
    changed: bool


def folder_of(state_dir: str, section: str) -> str:
    """Name the folder that holds a section's state."""
    return os.path.join(state_dir, "sections", section)


def write_snapshot(
    folder: str, section: str, taken_at: int, records: Iterable[Record | Unchanged], run_bytes: int = RUN_BYTES
) -> Committed:
    """Make the records, in any order, the section's current snapshot; of equal keys the later one counts.

    With a gap among them the snapshot is partial, and keeps what the one before holds and the gaps may hide.
    What is said to be unchanged is taken from the one before.
    Whatever is raised, by the records or as OSError, leaves the snapshot before in place.
    """
    os.makedirs(folder, mode=0o700, exist_ok=True)
    path = os.path.join(folder, CURRENT)
    sorter = Sorter(folder, run_bytes)
    try:
        hides, unchanged = _gather(records, sorter)
        lines = sorter.lines()
        prefixes = hides.distinct()
        if prefixes or unchanged:
            lines = with_unseen(lines, _lines_before(path, needed=bool(unchanged)), prefixes, unchanged)
        before = read_footer_of(path)
        footer = _write(path, Header(section, taken_at), lines, hides)
    finally:
        sorter.close()
    return Committed(footer, before is None or (before.digest, before.status) != (footer.digest, footer.status))


def _gather(records: Iterable[Record | Unchanged], sorter: Sorter) -> tuple[Hides, list[str]]:
    """Sort the records in; give what their gaps hide, and the starts of keys that are unchanged."""
    hides = Hides()
    unchanged = []
    for record in records:
        if isinstance(record, Unchanged):
            unchanged.append(record.prefix)
            continue
        if isinstance(record, Gap):
            hides.add(record.hides)
        sorter.add(encode(record))
    return hides, unchanged


def _lines_before(path: str, *, needed: bool) -> Iterator[Line]:
    """Give the lines of the snapshot before; OSError when parts of it hold and it cannot be read."""
    try:
        check(path)
    except (FileNotFoundError, CorruptSnapshot) as error:
        if isinstance(error, CorruptSnapshot):
            set_aside(path)
        if needed:
            raise OSError(errno.EIO, "the snapshot before, of which parts hold, cannot be read") from None
        return iter(())
    return read_snapshot(path)


def _write(path: str, header: Header, lines: Iterable[Line], hides: Hides) -> Footer:
    with replacing(path) as file:
        footer = _write_records(file, header, lines, hides)
        file.write(write_footer(footer))
    return footer


def _write_records(file: BinaryIO, header: Header, lines: Iterable[Line], hides: Hides) -> Footer:
    start = write_header(header)
    file.write(start)
    checksum, digest, count, gaps = crc32(start), SetDigest(), 0, 0
    for line in lines:
        written = write_line(line)
        file.write(written)
        checksum = crc32(written, checksum)
        digest.add(line.stable)
        count += 1
        if _GAP in line.stable:
            gaps += 1
            hides.add_of(line)
    prefixes = hides.distinct()
    status = PARTIAL if prefixes else COMPLETE
    return Footer(status, count, gaps, prefixes, digest.hex(), checksum, header.taken_at)
