"""Python distributions within zip files that Python runs or imports: zipapps, zipped eggs, and wheels in zipapps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.formats import python_metadata, read_at, zip_directory
from agent.host.errors import gap
from agent.inventory.languages import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.formats.read_at import ReadAt
    from agent.host.found import Found
    from agent.model.records import Gap

_PROGRAMS = (".egg", ".pyz", ".pyzw", ".pex")
_END = b"PK\x05\x06"
_END_SIZE = 22
_METADATA = re.compile(rb"(?:.*/)?(?!~)(?:[^/]+\.dist-info/METADATA|[^/]+\.egg-info/PKG-INFO|EGG-INFO/PKG-INFO)\Z")
_WANTED = re.compile(_METADATA.pattern + rb"|.*\.whl\Z")
_METADATA_LIMIT = 1024 * 1024
_WHEEL_LIMIT = 16 * 1024 * 1024
_DISTRIBUTIONS_LIMIT = 10_000


def packages(found: Found) -> Iterator[Finding | Gap]:
    """Give what is in a file; nothing where it is no zip file that Python would run.

    Its name says so, or it has none but a zip file's end: a script with a zip file behind it must end
    with the record of the end. ValueError when the zip file is malformed, OSError as the kernel's.
    """
    known = found.name.lower().endswith(_PROGRAMS)
    if known or ("." not in found.name and _ends_as_zip(found)):
        yield from _within(found.read_at, found.size, _WANTED, found.path)


def _ends_as_zip(found: Found) -> bool:
    return found.size > _END_SIZE and found.read_at(found.size - _END_SIZE, 4) == _END


def _within(archive: ReadAt, size: int, wanted: re.Pattern[bytes], path: str) -> Iterator[Finding | Gap]:
    for count, entry in enumerate(zip_directory.entries(archive, size, wanted)):
        if count >= _DISTRIBUTIONS_LIMIT:
            raise zip_directory.TooLong(f"more than {_DISTRIBUTIONS_LIMIT} distributions")
        location = f"{path}!/{entry.name}"
        try:
            if entry.name.endswith(".whl"):
                wheel = zip_directory.content(archive, entry, _WHEEL_LIMIT)
                yield from _within(read_at.of(wheel), len(wheel), _METADATA, location)
            else:
                yield _finding(zip_directory.content(archive, entry, _METADATA_LIMIT), location)
        except ValueError as error:
            yield gap(location, error, location)


def _finding(content: bytes, location: str) -> Finding:
    manifest = python_metadata.parse(python_metadata.head(content) or content)
    return Finding("pypi", None, manifest.name, manifest.version, *manifest.license, location)
