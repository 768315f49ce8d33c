"""The record of a language's package from what a parser found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.formats.purl import language_purl
from agent.inventory.place import Places
from agent.model.records import LanguagePackage

if TYPE_CHECKING:
    from agent.inventory.languages import Finding


class LanguagePackages:
    """Makes the records of one walk, whose places it numbers.

    licenses: Whether licences are asked for.
    """

    def __init__(self, licenses: bool) -> None:
        self._licenses = licenses
        self._places = Places()

    def record(self, finding: Finding, owner: str | None) -> LanguagePackage:
        """Give the record of a finding; owner is the key of the operating system's package that owns its file."""
        name = full_name(finding)
        return LanguagePackage(
            ecosystem=finding.ecosystem,
            name=name,
            version=finding.version,
            purl=_purl(finding),
            license=finding.license if self._licenses else None,
            license_form=finding.license_form if self._licenses else None,
            location=finding.location,
            place=self._places.place(finding.location, finding.version, finding.ecosystem, name),
            owner=owner,
        )


def full_name(finding: Finding) -> str:
    """Write a name as its ecosystem does: group:artifact of Maven, @scope/name, vendor/name, a module's path."""
    if not finding.namespace:
        return finding.name
    separator = ":" if finding.ecosystem == "maven" else "/"
    return f"{finding.namespace}{separator}{finding.name}"


def file_of(finding: Finding) -> str:
    """Give the file on the file system that a finding comes from."""
    return finding.location.partition("!/")[0]


def _purl(finding: Finding) -> str | None:
    try:
        return language_purl(finding.ecosystem, finding.namespace, finding.name, finding.version)
    except ValueError:
        return None
