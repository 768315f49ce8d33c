"""The package that a stanza of dpkg's database describes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.formats import deb_version
from agent.formats.dpkg import source
from agent.formats.purl import purl
from agent.model.records import Gap, Package

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.databases.apt_origins import Origins
    from agent.databases.distribution import Distribution
    from agent.databases.dpkg_copyright import Copyrights
    from agent.formats.dpkg import Stanza
    from agent.host.directory import Directory

MANAGER = "dpkg"
"""Package.manager of all of them, and what their keys start with."""

STATUS_D = "/var/lib/dpkg/status.d"
INFO = "/var/lib/dpkg/info"

_UNKNOWN = (None, None, None)


class Context(NamedTuple):
    """What a stanza does not say itself.

    location: File that it is in, below the root.
    distribution: Distribution of the root.
    info: The directory var/lib/dpkg/info, open; None where there is none.
    origins: What is known of where packages come from; None where that was not asked for.
    copyrights: Reads the licences of packages; None where they were not asked for.
    """

    location: str
    distribution: Distribution
    info: Directory | None
    origins: Origins | None = None
    copyrights: Copyrights | None = None


def key_of(stanza: Stanza) -> str:
    """Give the key of the package's record."""
    return f"{MANAGER}/{stanza.name}:{stanza.architecture or ''}"


def files_named(stanza: Stanza) -> str:
    """Give what the names of the package's files in var/lib/dpkg/info begin with.

    Those of a Multi-Arch: same package have the architecture in their names (lib/dpkg/db-ctrl-access.c).
    """
    return f"{stanza.name}:{stanza.architecture}" if stanza.multi_arch == "same" else stanza.name or ""


def records_of(stanza: Stanza, context: Context) -> Iterator[Package | Gap]:
    """Give the package of a stanza; one that is not installed at all is none, however it came into the file."""
    key = key_of(stanza)
    words = (stanza.status or "").split()
    if len(words) != 3:
        yield Gap(key, "malformed", "its stanza has no Status of three words", key)
        return
    selection, _, status = words
    if status == "not-installed":
        return
    yield _package(stanza, selection, status, context)
    if not stanza.version and status != "half-installed":
        yield Gap(key, "malformed", "its stanza has no Version", None)


def _package(stanza: Stanza, selection: str, status: str, context: Context) -> Package:
    name = stanza.name or ""
    source_name, source_version = source(stanza)
    epoch, upstream, revision = _split(stanza.version)
    provenance, repository, channel = context.origins.of(stanza) if context.origins else _UNKNOWN
    removed = status == "config-files"
    license, form = context.copyrights.license_of(name) if context.copyrights and not removed else _UNKNOWN[:2]
    return Package(
        MANAGER,
        name,
        stanza.version,
        epoch,
        upstream,
        revision,
        stanza.architecture,
        source_name,
        source_version,
        stanza.section,
        status,
        None if selection == "unknown" else selection,
        stanza.origin,
        stanza.vendor,
        _purl(stanza, context.distribution),
        context.location,
        None if removed else _installed_at(stanza, context.info),
        license,
        form,
        provenance=provenance,
        repository=repository,
        channel=channel,
    )


def _split(version: str | None) -> tuple[int | None, str | None, str | None]:
    """Take a version apart; its parts are not known where it is missing or not well formed."""
    try:
        return deb_version.split(version or "")
    except ValueError:
        return None, None, None


def _purl(stanza: Stanza, distribution: Distribution) -> str | None:
    if not stanza.version:
        return None
    qualifiers = {"arch": stanza.architecture, "distro": distribution.release}
    try:
        return purl("deb", distribution.id, stanza.name or "", stanza.version, qualifiers)
    except ValueError:
        return None


def _installed_at(stanza: Stanza, info: Directory | None) -> int | None:
    """Tell when the list of the package's files was written, which dpkg does as it unpacks them."""
    if not info:
        return None
    try:
        return int(info.stat(f"{files_named(stanza)}.list").st_mtime)
    except (OSError, ValueError):  # a name with a slash or a null character is no file's
        return None
