"""Takes what a collector gives: records are sorted, and what it says besides is noted."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.delivery.carry import Hides
from agent.model.codec import Line, dumps, encode
from agent.model.records import Gap
from agent.model.spec import Gone, Unchanged

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.delivery.sorter import Sorter
    from agent.model.records import Record

_GAP_KEY = "gap:"


class Gathered(NamedTuple):
    """What was said besides the records.

    hides: What their gaps hide.
    unchanged: Starts of the keys of records that are unchanged.
    with_gaps: Whether a gap was said to be there, or gone.
    with_changes: Whether any record was said to be there, or gone.
    """

    hides: Hides
    unchanged: tuple[str, ...]
    with_gaps: bool
    with_changes: bool

    @property
    def amends(self) -> bool:
        """Whether all holds that was there before, but for what is said."""
        return "" in self.unchanged


def gather(records: Iterable[Record | Unchanged | Gone], sorter: Sorter) -> Gathered:
    """Sort the records in, and an empty line for each that is gone; ValueError where that says nothing of the others."""
    hides = Hides()
    unchanged: list[str] = []
    any_gap = any_gone = any_record = False
    for record in records:
        if isinstance(record, Unchanged):
            unchanged.append(record.prefix)
        elif isinstance(record, Gone):
            any_gone = True
            any_gap = any_gap or record.key.startswith(_GAP_KEY)
            sorter.add(Line(dumps(record.key), b"", b""))
        else:
            any_record = True
            if isinstance(record, Gap):
                any_gap = True
                hides.add(record.hides)
            sorter.add(encode(record))
    gathered = Gathered(hides, tuple(unchanged), any_gap, any_record or any_gone)
    if any_gone and not gathered.amends:
        raise ValueError("a record is gone, but the others are not said to be unchanged")
    return gathered
