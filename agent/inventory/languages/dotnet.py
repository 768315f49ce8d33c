"""NuGet packages of .NET applications and frameworks: *.deps.json."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from agent.formats import deps_json
from agent.host.errors import LimitReached, gap
from agent.inventory.languages import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.formats.deps_json import Library
    from agent.host.found import Found
    from agent.model.records import Gap

NAMES: frozenset[str] = frozenset()
ENDINGS = (".deps.json",)
FORMS: frozenset[str] = frozenset()

_LIMIT = 4 * 1024 * 1024
_ECOSYSTEMS = {"package": "nuget", "runtimepack": "nuget", "project": "generic"}
"""Kinds of libraries that count: a project is the application itself or a part of it, and no package of NuGet."""


def packages(found: Found) -> Iterator[Finding | Gap]:
    """Give the packages that an application or framework runs with, and its own projects as generic ones."""
    malformed = False
    try:
        for library in deps_json.parse(found.read(_LIMIT)):
            if library:
                yield from _findings(library, found)
            elif not malformed:
                malformed = True
                yield gap(found.path, ValueError("an entry of it is no library"), found.path)
    except (OSError, LimitReached, ValueError) as error:
        yield gap(found.path, error, found.path)


def _findings(library: Library, found: Found) -> Iterator[Finding]:
    ecosystem = _ECOSYSTEMS.get(library.kind)
    if ecosystem:
        claims = tuple(_claims(library, found))
        yield Finding(ecosystem, None, library.name, library.version, None, None, found.path, claims)


def _claims(library: Library, found: Found) -> Iterator[str]:
    """Name native files, and the program that starts an application, which is named as its deps.json."""
    folder = found.path.rpartition("/")[0]
    for file in library.files:
        path = posixpath.normpath(posixpath.join(folder, file))
        if path.startswith(f"{folder}/"):
            yield path
    if library.kind == "project" and found.name == f"{library.name}.deps.json":
        yield f"{folder}/{library.name}"
