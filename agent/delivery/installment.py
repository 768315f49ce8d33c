"""What is too much for one message is sent in several: each brings the backend to a snapshot on the way to the current one.

A backend takes a message in as a whole, in memory and in one transaction. So the first report of a very large section,
or a change of very much of it, ends at some key: up to it the section is as it is now, behind it as it was confirmed.
What is gone goes with the last message. Such a snapshot is partial and hides everything, for what it lacks may be there.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from agent.delivery.delta import pairs
from agent.delivery.files import replacing
from agent.delivery.output import Output
from agent.delivery.reading import read_footer_of, read_snapshot
from agent.delivery.replica import Held
from agent.delivery.totals import Totals
from agent.model.snapshot import Header, write_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from agent.model.codec import Line
    from agent.model.snapshot import Footer

LARGEST = 96 * 1024 * 1024
"""Bytes of the records that one message puts, uncompressed: some 150,000 watched files."""
_EVERYTHING = ("",)


class _Fits(Exception):
    """All that there is to send fits into one message."""


def installment(section: str, held: Held, base: str | None, path: str, largest: int | None = None) -> Held:
    """Give what is to be sent now: what is held, or where that is too much a snapshot on the way to it.

    base: Path of the snapshot that the backend has; None when it is to be sent everything.
    path: Where such a snapshot is written.
    largest: Bytes of records beyond which a message ends; LARGEST by default.
    """
    largest = LARGEST if largest is None else largest
    if os.stat(held.path).st_size <= largest:
        return held
    try:
        with replacing(path) as file:
            footer = _write(file, Header(section, held.footer.taken_at), _steps(base, held.path), largest, base)
    except _Fits:
        return held
    return Held(path, footer)


def _steps(older: str | None, newer: str) -> Iterator[tuple[Line | None, Line | None]]:
    return pairs(read_snapshot(older) if older else (), read_snapshot(newer))


def _write(
    file: BinaryIO, header: Header, steps: Iterator[tuple[Line | None, Line | None]], largest: int, base: str | None
) -> Footer:
    """Write the newer lines as far as a message goes, then the older ones; _Fits where it goes to the end."""
    output, totals = Output(file, header), Totals(read_footer_of(base) if base else None)
    size = 0
    for before, after in steps:
        line = after or before
        assert line is not None
        output.write(write_line(line))
        if after and (before is None or before.stable != after.stable):
            size += sum(map(len, after))
            totals.add(after)
            if before:
                totals.remove(before)
            if size > largest:
                break
    else:
        raise _Fits
    for before, _ in steps:
        if before:
            output.write(write_line(before))
    return output.end(totals, _EVERYTHING)
