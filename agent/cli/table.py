"""Tables for people: aligned, no wider than the terminal, and safe whatever a host's names contain."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Sequence

_LEAST = 8
_GAP = "  "


class Table:
    """Rows under a heading; None is shown as a dash.

    heading: Names of the columns.
    most: Rows after which it is full: all are kept, for the widths of the columns depend on them.
    """

    def __init__(self, heading: Sequence[str], most: int = 10_000) -> None:
        self._rows = [tuple(heading)]
        self._most = most
        self._omitted = 0

    @property
    def is_full(self) -> bool:
        """Whether further rows should be omitted."""
        return len(self._rows) > self._most

    def add(self, row: Sequence[object]) -> None:
        """Add a row."""
        self._rows.append(tuple(shown(cell) for cell in row))

    def omit(self) -> None:
        """Count a row that there is no room for."""
        self._omitted += 1

    def print(self, out: TextIO) -> None:
        """Print all rows; on a terminal the widest columns give way until a row fits."""
        widths = [max(len(row[column]) for row in self._rows) for column in range(len(self._rows[0]))]
        room = _columns(out)
        while room and sum(widths) + len(_GAP) * (len(widths) - 1) > room and max(widths) > _LEAST:
            widths[widths.index(max(widths))] -= 1
        for row in self._rows:
            cells = [_fit(cell, width) for cell, width in zip(row, widths)]
            out.write(_GAP.join(cells).rstrip() + "\n")
        if self._omitted:
            out.write(f"... and {self._omitted} more; --format ndjson gives them all\n")


def shown(value: object) -> str:
    """Write a value so that no terminal acts on it: control and format characters become escapes."""
    if value is None:
        return "-"
    if isinstance(value, (list, tuple)):
        return ", ".join(shown(inner) for inner in value) or "-"
    text = str(value)
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else _escape(letter) for letter in text)


def moment(seconds: int) -> str:
    """Write seconds since 1970 as a date and time in UTC, or as they are where no calendar has them."""
    try:
        return time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime(seconds))
    except (OverflowError, OSError, ValueError):
        return str(seconds)


def _escape(letter: str) -> str:
    return letter.encode("unicode_escape", "surrogatepass").decode("ascii")


def _fit(cell: str, width: int) -> str:
    return cell.ljust(width) if len(cell) <= width else cell[: width - 1] + "…"


def _columns(out: TextIO) -> int:
    """Give the width of the terminal that is written to; 0 when it is none, for which nothing is cut."""
    try:
        return os.get_terminal_size(out.fileno()).columns
    except (OSError, ValueError):
        return 0
