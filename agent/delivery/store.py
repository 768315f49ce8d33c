"""Writes a section's snapshot: sorted, counted, digested, and committed by one rename."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, NamedTuple

from agent.delivery.amend import Amendment, amend
from agent.delivery.carry import with_unseen
from agent.delivery.files import replacing, set_aside
from agent.delivery.gather import gather
from agent.delivery.output import Output
from agent.delivery.reading import CURRENT, CorruptSnapshot, check, read_footer_of, read_snapshot
from agent.delivery.sorter import RUN_BYTES, Sorter
from agent.delivery.totals import GAPS, Totals
from agent.model.snapshot import Header, write_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agent.delivery.carry import Hides
    from agent.delivery.gather import Gathered
    from agent.model.codec import Line
    from agent.model.records import Record
    from agent.model.snapshot import Footer
    from agent.model.spec import Gone, Unchanged


class LostSnapshot(OSError):
    """The snapshot before is not there or not sound, and parts of it are said to hold."""


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
    folder: str,
    section: str,
    taken_at: int,
    records: Iterable[Record | Unchanged | Gone],
    run_bytes: int = RUN_BYTES,
) -> Committed:
    """Make the records, in any order, the section's current snapshot; of equal keys the later one counts.

    With a gap among them the snapshot is partial, and keeps what the one before holds and the gaps may hide.
    What is said to be unchanged is taken from the one before. Where all is, only what is said to be gone goes, and
    nothing is written unless that or a record differs.
    Whatever is raised, by the records or as OSError, leaves the snapshot before in place.
    """
    os.makedirs(folder, mode=0o700, exist_ok=True)
    path = os.path.join(folder, CURRENT)
    sorter = Sorter(folder, run_bytes)
    try:
        gathered = gather(records, sorter)
        before = read_footer_of(path)
        write = _amend if gathered.amends else _replace
        footer = write(path, Header(section, taken_at), gathered, sorter)
    finally:
        sorter.close()
    return Committed(footer, before is None or (before.digest, before.status) != (footer.digest, footer.status))


def _amend(path: str, header: Header, gathered: Gathered, sorter: Sorter) -> Footer:
    before = _check_before(path)
    if not gathered.with_changes:
        return before
    return amend(path, before, Amendment(header, sorter.lines, gathered.hides if gathered.with_gaps else None))


def _replace(path: str, header: Header, gathered: Gathered, sorter: Sorter) -> Footer:
    lines = sorter.lines()
    prefixes = gathered.hides.distinct()
    if prefixes or gathered.unchanged:
        before = _lines_before(path, needed=bool(gathered.unchanged))
        lines = with_unseen(lines, before, prefixes, gathered.unchanged)
    return _write(path, header, lines, gathered.hides)


def _lines_before(path: str, *, needed: bool) -> Iterator[Line]:
    """Give the lines of the snapshot before; OSError when parts of it hold and it cannot be read."""
    try:
        _check_before(path)
    except LostSnapshot:
        if needed:
            raise
        return iter(())
    return read_snapshot(path)


def _check_before(path: str) -> Footer:
    """Check the snapshot before; LostSnapshot when there is none that is sound, and a damaged one is set aside."""
    try:
        return check(path)
    except FileNotFoundError:
        pass
    except CorruptSnapshot:
        set_aside(path)
    raise LostSnapshot(errno.EIO, "the snapshot before, of which parts hold, cannot be read")


def _write(path: str, header: Header, lines: Iterable[Line], hides: Hides) -> Footer:
    totals = Totals()
    with replacing(path) as file:
        output = Output(file, header)
        for line in lines:
            output.write(write_line(line))
            totals.add(line)
            if line.key_json.startswith(GAPS):
                hides.add_of(line)
        return output.end(totals, hides.distinct())
