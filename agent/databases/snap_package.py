"""The package that a revision of a snap is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.formats.license import NONE, license_of
from agent.formats.purl import purl
from agent.model.records import Package

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.databases import Asked
    from agent.formats.snap_state import Snap

MANAGER = "snap"
"""Package.manager of all of them, and what their keys start with."""


def key_of(snap: Snap) -> str:
    """Give the key of a revision's package: that of the current one stays the same as it changes."""
    instance = _instance(snap)
    return f"{MANAGER}/{snap.name}:{f'~{instance}' if instance else ''}"


def record_of(snap: Snap, meta: Mapping[str, str], installed_at: int | None, location: str, asked: Asked) -> Package:
    """Give the package; a revision that is not the current one cannot be run, like a disabled one."""
    version = meta.get("version")
    license_ = license_of(meta.get("license")) if asked.licenses else NONE
    return Package(
        manager=MANAGER,
        name=snap.name,
        version=version,
        epoch=0 if version else None,
        upstream_version=version,
        revision=snap.revision,
        architecture=None,
        source_name=None,
        source_version=None,
        category=snap.kind,
        status="installed" if snap.is_active else "disabled",
        selection=None,
        origin=None,
        vendor=None,
        purl=_purl(snap, version),
        location=location,
        installed_at=installed_at,
        license=license_.text,
        license_form=license_.form,
        channel=snap.channel,
        instance=_instance(snap),
    )


def _instance(snap: Snap) -> str | None:
    return None if snap.is_current else snap.revision


def _purl(snap: Snap, version: str | None) -> str | None:
    """Write a generic package URL: purl-spec has no type for snaps, not even a candidate."""
    if not version:
        return None
    name = snap.name.partition("_")[0]
    return purl("generic", MANAGER, name, version, {"channel": snap.channel, "revision": snap.revision})
