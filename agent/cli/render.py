"""How a scan is printed: ndjson as it comes, json as one object, other forms by modules of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TextIO

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
    """Give the renderer of a --format; the modules of some are loaded only for who asks for them."""
    if form == "cyclonedx":
        from agent.cli.cyclonedx import CycloneDX  # noqa: PLC0415

        return CycloneDX(out)
    if form == "junit":
        from agent.cli.junit import JUnit  # noqa: PLC0415

        return JUnit(out)
    if form == "table":
        from agent.cli.tables import Tables  # noqa: PLC0415

        return Tables(out)
    return Json(out) if form == "json" else Ndjson(out)


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
