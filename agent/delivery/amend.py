"""Amends a snapshot: lines that hold are copied as they are stored, in blocks, and only what changes is counted anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.delivery.carry import Hides, as_written, is_gone
from agent.delivery.files import replacing
from agent.delivery.output import Output
from agent.delivery.reading import stored_lines
from agent.delivery.totals import GAPS, Totals
from agent.model.snapshot import Footer, Header, read_line, write_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from agent.delivery.stored import StoredLines
    from agent.model.codec import Line

_BEHIND_GAPS = b'"gap;'


class Amendment(NamedTuple):
    """What becomes of a snapshot.

    header: Header of the one that it becomes.
    changes: Gives the lines that it gets, in order; one with nothing but a key says that the key is gone.
    hides: What the gaps among them hide; None where no gap comes or goes.
    """

    header: Header
    changes: Callable[[], Iterator[Line]]
    hides: Hides | None


def amend(path: str, before: Footer, amendment: Amendment) -> Footer:
    """Amend a snapshot that was checked; give the footer that holds then.

    Nothing is written when every change is what is stored already. What a gap hides does not go.
    OSError leaves the snapshot as it was.
    """
    prefixes = before.hides if amendment.hides is None else _hides(path, amendment.hides, amendment.changes())
    hidden = as_written(prefixes)
    with stored_lines(path) as lines:
        if all(old == new for old, new in _outcomes(lines, amendment.changes(), hidden, lambda _: None)):
            return before
    with stored_lines(path) as lines, replacing(path) as file:
        output, totals = Output(file, amendment.header), Totals(before)
        for old, new in _outcomes(lines, amendment.changes(), hidden, output.write):
            output.write(new)
            _count(totals, old, new)
        for block in lines.rest():
            output.write(block)
        return output.end(totals, prefixes)


def _hides(path: str, hides: Hides, changes: Iterator[Line]) -> tuple[str | None, ...]:
    """Give what is hidden by the gaps that come, and by those that stay."""
    with stored_lines(path) as lines:
        lines.skip(GAPS)
        for change in changes:
            if change.key_json.startswith(GAPS):
                _add_gaps(hides, lines.until(change.key_json))
                lines.take(change.key_json)
        _add_gaps(hides, lines.until(_BEHIND_GAPS))
    return hides.distinct()


def _add_gaps(hides: Hides, blocks: Iterator[memoryview]) -> None:
    for block in blocks:
        for stored in bytes(block).splitlines():
            hides.add_of(read_line(stored))


def _outcomes(
    lines: StoredLines, changes: Iterator[Line], hidden: Sequence[str | None], passed: Callable[[memoryview], None]
) -> Iterator[tuple[bytes, bytes]]:
    """Give for each change the line before and the line after, empty for none.

    passed: Takes all lines that lie between two changes, in blocks.
    """
    for change in changes:
        for block in lines.until(change.key_json):
            passed(block)
        old = lines.take(change.key_json) or b""
        if change.stable:
            yield old, write_line(change)
        elif not old or is_gone(read_line(old), hidden):
            yield old, b""
        else:
            yield old, old


def _count(totals: Totals, old: bytes, new: bytes) -> None:
    if old == new:
        return
    if old:
        totals.remove(read_line(old))
    if new:
        totals.add(read_line(new))
