"""The copyright file of a Debian package, in the machine-readable form of its policy, from what is brought along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from artefacts.source import year

if TYPE_CHECKING:
    from collections.abc import Iterable

    from artefacts.vendored import Part

_HEAD = """Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: stocktake

Files: *
Copyright: {year} the authors of stocktake
License: Apache-2.0
"""
_APACHE = """
License: Apache-2.0
 Licensed under the Apache License, Version 2.0; on Debian systems its text is in
 /usr/share/common-licenses/Apache-2.0.
"""


def copyright_file(library: str, parts: Iterable[Part]) -> str:
    """Give its text; the whole licences are in the metadata folders beside the parts."""
    stanzas, licences = [], set()
    for part in sorted(parts, key=lambda part: part.name.lower()):
        stanzas.append(
            f"\nFiles: {library}/*{part.name.lower().replace('-', '_')}*\n"
            f"Copyright: the authors of {part.name}, as its metadata names them\nLicense: {part.licence}\n"
        )
        licences.add(part.licence)
    others = "".join(
        f"\nLicense: {licence}\n Its text is in the *.dist-info folders of the parts that have it, below\n {library}.\n"
        for licence in sorted(licences - {"Apache-2.0"})
    )
    return _HEAD.format(year=year()) + "".join(stanzas) + _APACHE + others
