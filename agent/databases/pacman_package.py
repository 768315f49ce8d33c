"""The package that a description in pacman's database describes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.formats import pacman_version
from agent.formats.license import NONE, License, license_of
from agent.formats.purl import purl
from agent.model.records import Package

if TYPE_CHECKING:
    from agent.databases import Asked
    from agent.databases.distribution import Distribution
    from agent.formats.pacman import Description

MANAGER = "pacman"
"""Package.manager of all of them, and what their keys start with."""


def key_of(found: Description) -> str:
    """Give the key of a description's package."""
    return f"{MANAGER}/{found.name}:{found.architecture or ''}"


def record_of(found: Description, location: str, asked: Asked) -> Package:
    """Give the package of a description that has name and version."""
    name, version = found.name or "", found.version or ""
    epoch, upstream, release = _split(version)
    license_ = _license(found.licenses) if asked.licenses else NONE
    return Package(
        manager=MANAGER,
        name=name,
        version=version,
        epoch=epoch,
        upstream_version=upstream,
        revision=release,
        architecture=found.architecture,
        source_name=found.source or name,
        source_version=version,
        category=None,
        status="installed",
        selection=None,
        origin=None,
        vendor=None,
        purl=_purl(found, asked.distribution),
        location=location,
        installed_at=found.installed_at,
        license=license_.text,
        license_form=license_.form,
        provenance=_provenance(found, asked.distribution) if asked.origins else None,
        provides=found.provides,
    )


def _split(version: str) -> tuple[int | None, str | None, str | None]:
    """Take a version apart; its parts are not known where it is not well formed."""
    try:
        return pacman_version.split(version)
    except ValueError:
        return None, None, None


def _license(declared: tuple[str, ...]) -> License:
    """Read a list of licences, all of which hold."""
    if len(declared) < 2:
        return license_of(declared[0] if declared else None)
    each = [license_of(text) for text in declared]
    if all(one.form == "spdx" for one in each):
        return License(" AND ".join(_enclosed(one.text or "") for one in each), "spdx")
    return license_of(", ".join(declared))


def _enclosed(expression: str) -> str:
    return f"({expression})" if " OR " in expression else expression


def _provenance(found: Description, distribution: Distribution) -> str | None:
    """Tell who built a package, as far as that shows.

    makepkg writes Unknown Packager where nobody gave it another name, as one who builds from the AUR. A
    signature that pacman verified may be any trusted key's, but together with the address it is Arch's.
    """
    if found.packager == "Unknown Packager":
        return "third_party"
    signed = "pgp" in found.validation and (found.packager or "").endswith("@archlinux.org>")
    return "distribution" if signed and distribution.id == "arch" else None


def _purl(found: Description, distribution: Distribution) -> str | None:
    qualifiers = {"arch": found.architecture, "distro": distribution.release}
    try:
        return purl("alpm", distribution.id, (found.name or "").lower(), found.version or "", qualifiers)
    except ValueError:
        return None
