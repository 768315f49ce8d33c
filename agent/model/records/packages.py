"""The facts of package databases in the section packages."""

from __future__ import annotations

from typing import ClassVar

from agent.model.record import record


@record(frozen=True)
class Package:
    """A package that a package database lists.

    manager: Package manager whose database lists it: dpkg, rpm, apk, pacman, snap, flatpak.
    name: Name of the binary package.
    version: Full version as the database writes it.
    epoch: Epoch of the version, 0 where it has none; null where there is no version.
    upstream_version: Version without epoch and revision.
    revision: Distribution's revision (Debian revision, rpm release, apk and pacman build number), snap's revision, flatpak's commit; null where it has none.
    architecture: Architecture that the package was built for.
    source_name: Name of the source package that it was built from.
    source_version: Version of that source package.
    category: Section of the archive, for example libs; rpm's group; type of a snap; app or runtime of a flatpak.
    status: State: installed, config-files, half-installed, unpacked, half-configured, triggers-awaited, triggers-pending; of a snap also disabled.
    selection: What the administrator wants of it: install, hold, deinstall, purge.
    origin: Origin field of the package; null where it has none, as in most packages of Debian itself.
    vendor: Vendor field of the package, null likewise.
    purl: Package URL; null where the version is missing.
    location: Database file that lists it, below the root.
    installed_at: When its files were last unpacked, seconds since 1970.
    license: Its licence: an SPDX expression where license_form says spdx, otherwise what the package calls it; null where that is not known or was not asked for.
    license_form: spdx where license is an SPDX expression, text where it is not.
    provenance: Who built it: distribution or third_party; null where that cannot be told. Advisories of the distribution do not apply to what a third party built.
    repository: Repository that it comes from, by the name that the repository gives itself; null where that cannot be told.
    channel: Part of the distribution that it comes from where that is not the main one: backports, esm, or the module stream as name:stream; channel of a snap, branch of a flatpak.
    modularity_label: rpm's modularity label, name:stream:version:context.
    signing_key: Id of the key that signed it, 16 hexadecimal digits.
    provides: What else it stands for, each name or name=version, for example cmd:sh; null where the database is not asked for it (all but those of apk and pacman).
    instance: What tells it apart from others of its name that are installed beside it: a flatpak's branch, with @user where it is a user's own; the revision of a snap that is kept beside the current one; the version of an rpm package that is installed beside a newer one, as kernels are.
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
    license: str | None = None
    license_form: str | None = None
    provenance: str | None = None
    repository: str | None = None
    channel: str | None = None
    modularity_label: str | None = None
    signing_key: str | None = None
    provides: tuple[str, ...] | None = None
    instance: str | None = None

    @property
    def key(self) -> str:
        """<manager>/<name>:<architecture>, behind ~ the instance, so that an upgrade is a change of one record"""
        behind = f"~{self.instance}" if self.instance else ""
        return f"{self.manager}/{self.name}:{self.architecture or ''}{behind}"


@record(frozen=True)
class PackageDatabase:
    """A package database that was found.

    manager: Package manager that it belongs to.
    count: Number of packages that it lists; one that it lists twice counts twice.
    stamp: Digest of the inode, size, mtime and ctime of its files and of how it is read; while it stays, the database is not read again.
    """

    KIND: ClassVar[str] = "package_database"
    VOLATILE: ClassVar[tuple[str, ...]] = ("stamp",)

    manager: str
    count: int
    stamp: str | None

    @property
    def key(self) -> str:
        """database/<manager>"""
        return f"database/{self.manager}"
