"""The facts of the section packages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Package:
    """A package that a package database lists.

    manager: Package manager whose database lists it: dpkg.
    name: Name of the binary package.
    version: Full version as the database writes it.
    epoch: Epoch of the version, 0 where it has none; null where there is no version.
    upstream_version: Version without epoch and revision.
    revision: Distribution's revision; null where the version has none.
    architecture: Architecture that the package was built for.
    source_name: Name of the source package that it was built from.
    source_version: Version of that source package.
    category: Section of the archive, for example libs.
    status: State: installed, config-files, half-installed, unpacked, half-configured, triggers-awaited, triggers-pending.
    selection: What the administrator wants of it: install, hold, deinstall, purge.
    origin: Origin field of the package; null where it has none, as in most packages of Debian itself.
    vendor: Vendor field of the package, null likewise.
    purl: Package URL; null where the version is missing.
    location: Database file that lists it, below the root.
    installed_at: When its files were last unpacked, seconds since 1970.
    """

    KIND: ClassVar[str] = "package"
    VOLATILE: ClassVar[tuple[str, ...]] = ("installed_at",)

    manager: str
    name: str
    version: str | None
    epoch: int | None
    upstream_version: str | None
    revision: str | None
    architecture: str | None
    source_name: str | None
    source_version: str | None
    category: str | None
    status: str
    selection: str | None
    origin: str | None
    vendor: str | None
    purl: str | None
    location: str
    installed_at: int | None

    @property
    def key(self) -> str:
        """<manager>/<name>:<architecture>, so that an upgrade is a change of one record"""
        return f"{self.manager}/{self.name}:{self.architecture or ''}"
