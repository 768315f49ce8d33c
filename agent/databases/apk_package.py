"""The package that an entry of apk's database describes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.formats import apk_version
from agent.formats.license import NONE, license_of
from agent.formats.purl import purl
from agent.model.records import Gap, Package

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.databases import Asked
    from agent.databases.distribution import Distribution
    from agent.formats.apk import Entry

MANAGER = "apk"
"""Package.manager of all of them, and what their keys start with."""


def key_of(entry: Entry) -> str:
    """Give the key of an entry's package."""
    return f"{MANAGER}/{entry.name}:{entry.architecture or ''}"


def records_of(entry: Entry, location: str, asked: Asked) -> Iterator[Package | Gap]:
    """Give the package of an entry that has a name; of a broken one the gap that stands for it."""
    name = entry.name or ""
    if entry.broken:
        key = f"{MANAGER}/{name}:"
        yield Gap(key, "malformed", "its entry has lines that are no fields", key)
        return
    yield _package(entry, name, location, asked)
    if not entry.version:
        yield Gap(key_of(entry), "malformed", "its entry has no version", None)


def _package(entry: Entry, name: str, location: str, asked: Asked) -> Package:
    upstream, build = _split(entry.version)
    license_ = license_of(entry.license) if asked.licenses else NONE
    return Package(
        manager=MANAGER,
        name=name,
        version=entry.version,
        epoch=0 if entry.version else None,
        upstream_version=upstream,
        revision=build,
        architecture=entry.architecture,
        source_name=entry.origin or name,
        source_version=entry.version,
        category=None,
        status=_status(entry.flags),
        selection=None,
        origin=None,
        vendor=None,
        purl=_purl(entry, name, asked.distribution),
        location=location,
        installed_at=None,
        license=license_.text,
        license_form=license_.form,
        repository=f"@{entry.tag}" if entry.tag else None,
        provides=entry.provides,
    )


def _status(flags: str) -> str:
    """Name the state in dpkg's words: apk marks a package of which files or scripts failed."""
    if "f" in flags:
        return "half-installed"
    return "half-configured" if "s" in flags else "installed"


def _split(version: str | None) -> tuple[str | None, str | None]:
    """Take a version apart; its parts are not known where it is missing or not well formed."""
    try:
        return apk_version.split(version or "")
    except ValueError:
        return None, None


def _purl(entry: Entry, name: str, distribution: Distribution) -> str | None:
    if not entry.version:
        return None
    qualifiers = {"arch": entry.architecture, "distro": distribution.release}
    try:
        return purl(MANAGER, distribution.id, name.lower(), entry.version, qualifiers)
    except ValueError:
        return None
