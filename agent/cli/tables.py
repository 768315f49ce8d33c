"""A scan printed for people: a table for each kind of record."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TextIO

from agent.cli.columns import COLUMNS, TITLES
from agent.cli.table import Table, moment, shown
from agent.cli.verdicts import counted, none_found

if TYPE_CHECKING:
    from collections.abc import Mapping


class Tables:
    """A table for each kind of record, and a line for each section."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._tables: dict[str, Table] = {}

    def begin(self) -> None:
        """Nothing stands before the first section."""

    def records(self, block: bytes) -> None:
        """Keep rows until their section ends: the widths of the columns depend on all of them."""
        for line in block.splitlines():
            table = self._tables.get(_kind(line))
            if table and table.is_full:
                table.omit()
            else:
                self._add(json.loads(line))

    def close(self, closing: Mapping[str, Any]) -> None:
        """Print the section: its line, then its tables, what is missing last."""
        self._out.write(f"{closing['section'].upper()}: {summary(closing)}\n")
        if closing.get("shown") == 0 and closing["count"]:
            self._out.write(f"\n{none_found(closing)}\n")
        for kind in sorted(self._tables, key="gap".__eq__):
            self._out.write(f"\n{TITLES[kind]}\n")
            self._tables[kind].print(self._out)
        self._out.write("\n")
        self._tables.clear()

    def end(self) -> None:
        """See that all is out."""
        self._out.flush()

    def _add(self, record: dict[str, Any]) -> None:
        """Add a record as a row; one of a kind that has but one record as a row for each of its fields."""
        kind = record["kind"]
        columns = COLUMNS[kind]
        if kind not in self._tables:
            heading = [name.upper().replace("_", " ") for name in columns] or ("FIELD", "VALUE")
            self._tables[kind] = Table(heading)
        if columns:
            self._tables[kind].add([_cell(name, record[name]) for name in columns])
            return
        for name, value in record.items():
            if name not in ("section", "kind", "key"):
                self._tables[kind].add((name, _cell(name, value)))


def summary(closing: Mapping[str, Any]) -> str:
    """Say in a few words how a section ended."""
    text = f"{closing['status']}, {closing['count']} records"
    if closing["gaps"]:
        text += f", {closing['gaps']} gaps"
    if "verdicts" in closing:
        text += f"; {counted(closing)}"
    return text + (f": {shown(closing['error'])}" if closing["error"] else "")


def _kind(line: bytes) -> str:
    """Give the kind of a record from its line, in which section and kind come first, without reading all of it."""
    return line.split(b'"', 8)[7].decode()


def _cell(name: str, value: object) -> object:
    """Give a value as people read it, where that is not how it is kept."""
    is_moment = name in ("at", "minute") or name.endswith("_at")
    return moment(value) if is_moment and isinstance(value, int) else value
