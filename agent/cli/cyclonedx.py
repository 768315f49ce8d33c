"""A scan's packages as a CycloneDX 1.6 bill of materials, written as the records come.

Fields are those of the specification (https://cyclonedx.org/docs/1.6/json/). What stocktake knows beside
them are properties named stocktake:... . A language package whose files belong to an operating system's package
is no component of its own: the distribution patches it, and whoever matched both would count it twice.
"""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any, TextIO

from agent import __version__
from agent.model.codec import dumps
from agent.model.status import COMPLETE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Properties = Iterator[tuple[str, str]]

_PROPERTIES = (
    *("manager", "ecosystem", "architecture", "status", "source_name", "source_version", "provenance"),
    *("repository", "channel", "modularity_label", "signing_key", "location", "path"),
)
"""Fields of records that become properties where they are known."""


class CycloneDX:
    """One bill of materials: the host is its subject, packages and programs are its components."""

    def __init__(self, out: TextIO) -> None:
        self._out = out.buffer
        self._before = b"\n"
        self._subject: dict[str, Any] | None = None
        self._system: dict[str, Any] | None = None
        self._properties: list[tuple[str, str]] = []
        self._complete = True
        self._begun = False

    def begin(self) -> None:
        """Nothing is written before the host is known."""

    def records(self, block: bytes) -> None:
        """Write the components of some records; a host becomes the subject, a gap is kept for the end."""
        for line in block.splitlines():
            record = json.loads(line)
            if record["kind"] == "host":
                self._subject, self._system = _device(record), _system(record)
            elif record["kind"] == "gap" and record["section"] == "packages":
                self._properties.append(
                    ("stocktake:gap", f"{record['subject']}: {record['reason']}: {record['detail']}")
                )
            elif record["section"] == "packages":
                self._write(_component(record))

    def close(self, closing: Mapping[str, Any]) -> None:
        """Take note of how the section ended."""
        if closing["section"] == "packages":
            self._properties.append(("stocktake:status", closing["status"]))
            self._complete = closing["status"] == COMPLETE

    def end(self) -> None:
        """Close the bill and say whether it is complete."""
        self._begin()
        ending = {
            "compositions": [{"aggregate": "complete" if self._complete else "incomplete"}],
            "properties": [{"name": name, "value": value} for name, value in self._properties],
        }
        self._out.write(b"\n]," + dumps(ending, canonical=False)[1:] + b"\n")
        self._out.flush()

    def _begin(self) -> None:
        if self._begun:
            return
        self._begun = True
        tool = {"type": "application", "name": "stocktake", "version": __version__}
        metadata: dict[str, Any] = {"timestamp": _now(), "tools": {"components": [tool]}}
        if self._subject:
            metadata["component"] = self._subject
        start = {
            "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "serialNumber": _serial_number(),
            "version": 1,
            "metadata": metadata,
        }
        self._out.write(dumps(start, canonical=False)[:-1] + b',"components":[')
        self._write(self._system)

    def _write(self, component: dict[str, Any] | None) -> None:
        self._begin()
        if component:
            self._out.write(self._before + dumps(component, canonical=False))
            self._before = b",\n"


def _component(record: dict[str, Any]) -> dict[str, Any] | None:
    """Give the component of a record; None for one that is none."""
    if record["kind"] == "executable":
        component = {"type": "file", "name": record["path"]}
        if record["sha256"]:
            component["hashes"] = [{"alg": "SHA-256", "content": record["sha256"]}]
    elif _is_present(record):
        component = _package(record)
    else:
        return None
    component["bom-ref"] = record["key"]
    component["properties"] = [{"name": name, "value": value} for name, value in _properties(record)]
    return component


def _is_present(record: dict[str, Any]) -> bool:
    """Tell whether a record is a package whose files are there, and not those of another record as well."""
    if record["kind"] == "language_package":
        return not record["owner"]
    return bool(record["kind"] == "package" and record["status"] != "config-files")


def _package(record: dict[str, Any]) -> dict[str, Any]:
    component: dict[str, Any] = {"type": "library", "name": record["name"]}
    if record["version"]:
        component["version"] = record["version"]
    if record["purl"]:
        component["purl"] = record["purl"]
    if record["license_form"] == "spdx":
        component["licenses"] = [{"expression": record["license"]}]
    elif record["license"]:
        component["licenses"] = [{"license": {"name": record["license"]}}]
    if record.get("vendor"):
        component["publisher"] = record["vendor"]
    return component


def _properties(record: dict[str, Any]) -> Properties:
    for name in _PROPERTIES:
        value = record.get(name)
        if value is not None:
            yield f"stocktake:{name}", str(value)


def _device(host: dict[str, Any]) -> dict[str, Any] | None:
    return {"type": "device", "bom-ref": "host", "name": host["hostname"]} if host["hostname"] else None


def _system(host: dict[str, Any]) -> dict[str, Any] | None:
    """Give the operating system, which readers of the bill need to choose the right advisories."""
    if not host["distribution"]:
        return None
    system = {"type": "operating-system", "bom-ref": "operating-system", "name": host["distribution"]}
    if host["distribution_version"]:
        system["version"] = host["distribution_version"]
    return system


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _serial_number() -> str:
    """Give a random UUID (RFC 9562, version 4) as a URN."""
    digits = f"{int.from_bytes(os.urandom(16), 'big') & ~(0xF << 76) & ~(0x3 << 62) | (0x4 << 76) | (0x2 << 62):032x}"
    return f"urn:uuid:{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
