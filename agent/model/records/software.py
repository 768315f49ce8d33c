"""The facts of the walk over the file tree in the section packages: what lies there beside the package databases."""

from __future__ import annotations

from typing import ClassVar

from agent.model.record import record


@record(frozen=True)
class LanguagePackage:
    """A package of a language's own package manager, or a library that was built into a program.

    ecosystem: Type of its package URL: pypi, npm, maven, golang, cargo, gem, composer, nuget, generic.
    name: Name as the ecosystem writes it in full: @scope/name, group:artifact, vendor/name.
    version: Version as the package says it; null where it says none.
    purl: Package URL.
    license: Its licence: an SPDX expression where license_form says spdx, otherwise what the package calls it; null where it says none or was not asked.
    license_form: spdx where license is an SPDX expression, text where it is not.
    location: File that says so, below the root; behind !/ the path within an archive.
    place: The location with a * for the version, so that an upgrade is one change; behind ~ a number where one place holds the name several times.
    owner: Key of the operating system's package that owns the file; null where none does.
    """

    KIND: ClassVar[str] = "language_package"
    VOLATILE: ClassVar[tuple[str, ...]] = ()

    ecosystem: str
    name: str
    version: str | None
    purl: str | None
    license: str | None
    license_form: str | None
    location: str
    place: str
    owner: str | None

    @property
    def key(self) -> str:
        """<place>#<ecosystem>/<name>"""
        return f"{self.place}#{self.ecosystem}/{self.name}"


@record(frozen=True)
class Executable:
    """A program that no package owns: neither one of the operating system nor one of a language.

    path: Where it is, below the root.
    sha256: SHA-256 of its content, hexadecimal; null where it was not read (see the gap).
    size: Its size, bytes.
    format: What it is: elf, or script where it starts with #!.
    """

    KIND: ClassVar[str] = "executable"
    VOLATILE: ClassVar[tuple[str, ...]] = ()

    path: str
    sha256: str | None
    size: int
    format: str

    @property
    def key(self) -> str:
        """<path>#executable"""
        return f"{self.path}#executable"


@record(frozen=True)
class Walk:
    """What the walk over the file tree covered.

    entries: Files, directories and all else that it met.
    directories: Directories that it entered.
    bytes_read: Bytes of files that it read.
    excluded: Directories that it left out because they hold no software of the host: images and layers of containers, for example.
    walked_at: When it began, seconds since 1970.
    parts: Parts of the section that it looked for.
    """

    KIND: ClassVar[str] = "walk"
    VOLATILE: ClassVar[tuple[str, ...]] = ("entries", "directories", "bytes_read", "walked_at")

    entries: int
    directories: int
    bytes_read: int
    excluded: tuple[str, ...]
    walked_at: int
    parts: tuple[str, ...]

    @property
    def key(self) -> str:
        """walk"""
        return "walk"
