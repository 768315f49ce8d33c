"""Core metadata of Python distributions: the head of METADATA and PKG-INFO (PEP 241 to 643, packaging.python.org)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.formats.manifest import Manifest, license_in, name_in, some_of, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.formats.license import License

_CATEGORY = b"License :: OSI Approved"


def head(content: bytes) -> bytes | None:
    """Give what stands before the description, which follows the first empty line; None where that line is not there."""
    end = content.find(b"\n\n")
    if end < 0:
        end = content.find(b"\n\r\n")
    return content[:end] if end >= 0 else None


def parse(header: bytes) -> Manifest:
    """Read the head; ValueError when it has no name or a name or version that cannot be one."""
    lines = b"\n" + header + b"\n"
    return Manifest(name_in(_field(lines, b"Name")), text(_field(lines, b"Version")), _license(lines))


def _license(lines: bytes) -> License:
    """Prefer the expression of PEP 639, then what can be read of the free field, then the classifiers."""
    declared = license_in(_field(lines, b"License-Expression"))
    if declared.text:
        return declared
    free = _free(lines)
    declared = license_in(None if free == "UNKNOWN" else free)
    if declared.form == "spdx":
        return declared
    classified = some_of(license_in(classifier, "trove") for classifier in _classifiers(lines))
    return classified if classified.form == "spdx" or not declared.text else declared


def _classifiers(lines: bytes) -> Iterator[str]:
    """Give the licences among the classifiers, but not the category that others are in."""
    start = b"\nClassifier: License :: "
    at = lines.find(start)
    while at >= 0:
        end = lines.index(b"\n", at + 1)
        classifier = lines[at + len(b"\nClassifier: ") : end].strip()
        if classifier != _CATEGORY:
            yield classifier.decode("utf-8", "replace")
        at = lines.find(start, end)


def _free(lines: bytes) -> str | None:
    """Give the field License with the lines that continue it: some packages put a whole licence there."""
    first = _field(lines, b"License")
    at = lines.find(b"\n", lines.find(b"\nLicense:") + 1)
    end = at
    while first and lines[end + 1 : end + 2] in (b" ", b"\t"):
        end = lines.index(b"\n", end + 1)
    return first if end == at else f"{first}{lines[at:end].decode('utf-8', 'replace')}"


def _field(lines: bytes, name: bytes) -> str | None:
    at = lines.find(b"\n" + name + b":")
    if at < 0:
        return None
    at += len(name) + 2
    return lines[at : lines.index(b"\n", at)].strip().decode("utf-8", "surrogateescape")
