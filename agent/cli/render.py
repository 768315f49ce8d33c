"""How a scan is printed: ndjson as it comes, json as one object, tables for people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from agent.cli.columns import COLUMNS, TITLES
from agent.cli.table import Table, moment, shown
from agent.cli.verdicts import counted, none_found
from agent.model.codec import dumps

if TYPE_CHECKING:
    from collections.abc import Mapping


class Renderer(Protocol):
    """Takes sections in, one after the other."""

    def begin(self) -> None:
        """Be called before the first section."""

    def records(self, block: bytes) -> None:
        """Take whole lines of the section that is read, each a record as a JSON object."""

    def close(self, closing: Mapping[str, Any]) -> None:
        """Take the object that ends a section."""

    def end(self) -> None:
        """Be called after the last section."""


def renderer(form: str, out: TextIO) -> Renderer:
    """Give the renderer of a --format."""
    if form == "cyclonedx":
        from agent.cli.cyclonedx import CycloneDX  # noqa: PLC0415 - only who asks for it pays for it

        return CycloneDX(out)
    forms: dict[str, type[Ndjson | Json | Tables]] = {"ndjson": Ndjson, "json": Json, "table": Tables}
    return forms[form](out)


class Ndjson:
    """A line for each record, and one that ends each section."""

    def __init__(self, out: TextIO) -> None:
        self._out = out.buffer

    def begin(self) -> None:
        """Nothing stands before the first section."""

    def records(self, block: bytes) -> None:
        """Copy the lines."""
        self._out.write(block)

    def close(self, closing: Mapping[str, Any]) -> None:
        """Write the closing line; what was written is out before the next section is read."""
        self._out.write(dumps(closing, canonical=False) + b"\n")
        self._out.flush()

    def end(self) -> None:
        """Nothing stands behind the last section."""


class Json:
    """One object: {"sections": [{"records": [...], "section", "status", ...}, ...]}."""

    def __init__(self, out: TextIO) -> None:
        self._out = out.buffer
        self._before_section = b"\n"
        self._before_record = b""

    def begin(self) -> None:
        """Open the object."""
        self._out.write(b'{"sections":[')

    def records(self, block: bytes) -> None:
        """Write the records of a section; they are JSON already and need commas only."""
        self._open_section()
        self._out.write(self._before_record + block.rstrip(b"\n").replace(b"\n", b",\n"))
        self._before_record = b",\n"

    def close(self, closing: Mapping[str, Any]) -> None:
        """Close the section with what its closing line says."""
        self._open_section()
        self._out.write(b"]," + dumps(closing, canonical=False)[1:])
        self._before_section = b",\n"
        self._before_record = b""

    def end(self) -> None:
        """Close the object."""
        self._out.write(b"]}\n")
        self._out.flush()

    def _open_section(self) -> None:
        if not self._before_record:
            self._out.write(self._before_section + b'{"records":[')
            self._before_record = b"\n"


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
