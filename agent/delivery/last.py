"""What a collector is given of its section's last snapshot, which is checked once however often it is asked for."""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING

from agent.delivery.reading import CURRENT, CorruptSnapshot, check, stored_lines
from agent.model.codec import decode, dumps
from agent.model.snapshot import read_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.model.records import Record
    from agent.model.snapshot import Footer

_BUFFER = 64 * 1024


class LastSnapshot:
    """The current snapshot of a section, as it is when it is opened.

    footer: Its footer; None when there is none, or none that is sound, and then it has no lines and no records.
    """

    def __init__(self, folder: str) -> None:
        self._path = os.path.join(folder, CURRENT)
        self.footer = _checked(self._path)

    def lines(self) -> Iterator[bytes]:
        """Give the lines as they are stored, in the order of their keys."""
        if self.footer is None:
            return
        with open(self._path, "rb", _BUFFER) as file:
            file.readline()
            yield from islice(file, self.footer.count)

    def records(self, prefix: str = "") -> Iterator[Record]:
        """Give the records whose keys start with a prefix; only a few blocks of what lies before them are read.

        Records that another version wrote and that this one does not know are left out.
        """
        if self.footer is None:
            return
        start = dumps(prefix)[:-1]
        with stored_lines(self._path) as lines:
            lines.skip(start)
            for block in lines.rest():
                for stored in bytes(block).splitlines():
                    if not stored.startswith(start):
                        return  # the lines are in the order of their keys
                    line = read_line(stored)
                    try:
                        yield decode(line.stable, line.volatile)
                    except ValueError:
                        continue


def _checked(path: str) -> Footer | None:
    try:
        return check(path)
    except (CorruptSnapshot, OSError):
        return None
