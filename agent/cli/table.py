"""Tables for people: aligned, no wider than the terminal, and safe whatever a host's names contain."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Sequence

_LEAST = 8
_GAP = "  "


class Table:
    """Rows under a heading; None is shown as a dash."""

    def __init__(self, heading: Sequence[str]) -> None:
        self._rows = [tuple(heading)]

    def add(self, row: Sequence[object]) -> None:
        """Add a row."""
        self._rows.append(tuple(shown(cell) for cell in row))

    def print(self, out: TextIO) -> None:
        """Print all rows; on a terminal the widest columns give way until a row fits."""
        widths = [max(len(row[column]) for row in self._rows) for column in range(len(self._rows[0]))]
        room = _columns(out)
        while room and sum(widths) + len(_GAP) * (len(widths) - 1) > room and max(widths) > _LEAST:
            widths[widths.index(max(widths))] -= 1
        for row in self._rows:
            cells = [_fit(cell, width) for cell, width in zip(row, widths)]
            out.write(_GAP.join(cells).rstrip() + "\n")


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
