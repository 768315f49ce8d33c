"""The package that a header of rpm's database describes."""

from __future__ import annotations

from binascii import a2b_base64
from typing import TYPE_CHECKING, NamedTuple

from agent.databases.rpm_keys import MANAGER
from agent.databases.rpm_makers import provenance
from agent.formats import rpm_header as tags
from agent.formats.license import NONE, License, license_of
from agent.formats.openpgp import issuer
from agent.formats.purl import purl
from agent.model.records import Package

if TYPE_CHECKING:
    from agent.databases import Asked
    from agent.databases.rpm_entries import Entry
    from agent.databases.rpm_keys import Identity
    from agent.formats.rpm_header import Header

_SIGNATURES = (tags.RSA_HEADER, tags.DSA_HEADER, tags.SIG_PGP, tags.SIG_GPG)
"""Where a signature may be, in rpm's own order; rpm 6 has lists of them in OPENPGP."""
_LICENSES = 1000
"""Licences that are kept; a whole distribution has some 500."""
_NAMESPACES = {"rhel": "redhat", "sles": "suse", "sled": "suse"}
"""Namespaces of package URLs where those in use are not the ID of os-release."""


class Context(NamedTuple):
    """What a header does not say itself.

    location: The database, below the root.
    licenses: Licences that were read so far, by what packages declare: most share one with others.
    """

    location: str
    asked: Asked
    licenses: dict[str, License]


def package_of(entry: Entry, context: Context) -> Package:
    """Give the package of an entry; Damaged where its header is not what it says."""
    header, package, instance = entry
    source_name, source_version = _source(header.text(tags.SOURCE_RPM))
    vendor, label = header.text(tags.VENDOR), header.text(tags.MODULARITY_LABEL)
    key = _signing_key(header)
    asked = context.asked
    license_ = _license(header.text(tags.LICENSE), context.licenses) if asked.licenses else NONE
    return Package(
        manager=MANAGER,
        name=package.name,
        version=package.version,
        epoch=package.epoch or 0,
        upstream_version=package.upstream,
        revision=package.release,
        architecture=package.architecture,
        source_name=source_name,
        source_version=source_version,
        category=header.text(tags.GROUP),
        status="installed",
        selection=None,
        origin=None,
        vendor=vendor,
        purl=_purl(package, asked),
        location=context.location,
        installed_at=header.number(tags.INSTALL_TIME),
        license=license_.text,
        license_form=license_.form,
        provenance=provenance(asked.distribution.id, vendor, key) if asked.origins else None,
        channel=":".join(label.split(":")[:2]) if label else None,
        modularity_label=label,
        signing_key=key,
        instance=instance,
    )


def _source(file: str | None) -> tuple[str | None, str | None]:
    """Take the file name of a source package apart: name-version-release.src.rpm, or .nosrc.rpm."""
    for ending in (".src.rpm", ".nosrc.rpm"):
        if file and file.endswith(ending):
            name, *version = file[: -len(ending)].rsplit("-", 2)
            return name, "-".join(version) or None
    return None, None


def _license(declared: str | None, known: dict[str, License]) -> License:
    """Read a licence: SPDX, which distributions have been changing to, or else the words that Fedora used before."""
    if not declared:
        return NONE
    if declared not in known:
        if len(known) >= _LICENSES:
            known.clear()
        as_spdx = license_of(declared, "spdx")
        known[declared] = as_spdx if as_spdx.form == "spdx" else license_of(declared, "fedora")
    return known[declared]


def _signing_key(header: Header) -> str | None:
    """Tell which key signed a package; None for none and for a signature that is not understood."""
    signature = next(filter(None, map(header.binary, _SIGNATURES)), None)
    encoded = None if signature else header.text(tags.OPENPGP)
    try:
        if encoded:
            signature = a2b_base64(encoded)
        return issuer(signature) if signature else None
    except ValueError:
        return None


def _purl(package: Identity, asked: Asked) -> str | None:
    """Write the package URL, of which the version has no epoch (purl-spec, types/rpm-definition.json)."""
    distribution = asked.distribution
    name = distribution.id or ""
    space = _NAMESPACES.get(name, "opensuse" if name.startswith("opensuse") else name)
    qualifiers = {
        "arch": package.architecture,
        "epoch": str(package.epoch) if package.epoch else None,
        "distro": distribution.release,
    }
    try:
        return purl("rpm", space, package.name, f"{package.upstream}-{package.release}", qualifiers)
    except ValueError:
        return None
