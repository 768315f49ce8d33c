"""The package that an application or runtime of flatpak is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.formats.license import NONE, license_of
from agent.formats.purl import purl
from agent.model.records import Package

if TYPE_CHECKING:
    from agent.databases import Asked
    from agent.formats.flatpak import Deployment

MANAGER = "flatpak"
"""Package.manager of all of them, and what their keys start with."""


class Reference(NamedTuple):
    """What is installed, as the names of its directories say.

    kind: app or runtime.
    name: Its id, for example org.gnome.Platform.
    user: Name of the user who installed it for nobody else; None for an installation of the system.
    folder: Its directory, which has one for each commit.
    commit: Name of the directory of the commit that is installed.
    """

    kind: str
    name: str
    architecture: str
    branch: str
    user: str | None
    folder: str
    commit: str


def key_of(found: Reference) -> str:
    """Give the key of a reference's package."""
    return f"{MANAGER}/{found.name}:{found.architecture}~{_instance(found)}"


def record_of(found: Reference, deployed: Deployment, location: str, installed_at: int, asked: Asked) -> Package:
    """Give the package; its version is that of the application's own description, else the branch."""
    license_ = license_of(deployed.license) if asked.licenses else NONE
    version = deployed.version or found.branch
    return Package(
        manager=MANAGER,
        name=found.name,
        version=version,
        epoch=0,
        upstream_version=deployed.version,
        revision=deployed.commit,
        architecture=found.architecture,
        source_name=None,
        source_version=None,
        category=found.kind,
        status="installed",
        selection=None,
        origin=None,
        vendor=None,
        purl=_purl(found, version),
        location=location,
        installed_at=installed_at,
        license=license_.text,
        license_form=license_.form,
        repository=deployed.remote,
        channel=found.branch,
        instance=_instance(found),
    )


def _instance(found: Reference) -> str:
    return found.branch if found.user is None else f"{found.branch}@{found.user}"


def _purl(found: Reference, version: str) -> str | None:
    """Write a generic package URL: purl-spec has no type for flatpaks, not even a candidate."""
    qualifiers = {"arch": found.architecture, "branch": found.branch}
    try:
        return purl("generic", MANAGER, found.name, version, qualifiers)
    except ValueError:
        return None
