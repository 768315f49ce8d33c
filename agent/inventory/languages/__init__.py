"""The parsers of languages' packages: a module here for each, named as its part of the section."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.host.found import Found
    from agent.model.records import Gap


class Finding(NamedTuple):
    """A package of a language as one file says.

    ecosystem: Type of its package URL: pypi, npm, maven, golang, cargo, gem, composer, nuget, generic.
    namespace: First part of its name where the ecosystem has two: npm's @scope, Maven's group id, Composer's vendor.
    name: Its name, without the namespace, as the ecosystem writes it.
    version: As the package says; None where it says none.
    license: An SPDX expression where license_form is spdx, otherwise what the package calls it (agent.formats.license).
    license_form: spdx or text; None without a license.
    location: Path of the file that says so, behind !/ the path within an archive.
    claims: Paths of files that the package owns and, with a slash at the end, of directories that are its own whole.
    """

    ecosystem: str
    namespace: str | None
    name: str
    version: str | None
    license: str | None
    license_form: str | None
    location: str
    claims: tuple[str, ...] = ()


class Parser(Protocol):
    """What the module of a language has.

    NAMES: Names of files that it wants to see, whole.
    ENDINGS: Endings of names of files that it wants to see, in lower case; names are compared in lower case.
    FORMS: What executables start with that it wants to see whatever their names are: elf, script or zip (see Found.form).
    """

    NAMES: frozenset[str]
    ENDINGS: tuple[str, ...]
    FORMS: frozenset[str]

    def packages(self, found: Found) -> Iterator[Finding | Gap]:
        """Give the packages that a file tells of; a foreseen failure is a gap whose hides is the file's path.

        A file that it wanted by its name may be none of its kind: then it gives nothing.
        """
        ...


def load(name: str) -> Parser:
    """Give the module of a language."""
    return cast("Parser", import_module(f"{__name__}.{name}"))
