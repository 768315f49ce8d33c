"""The Maven packages that one Java archive holds, archives within it aside."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from agent.formats.jar import bundle_license, manifest, pom_license, properties
from agent.formats.jar_identity import Coordinates, from_file_name, from_manifest
from agent.formats.license import NONE
from agent.formats.manifest import text
from agent.formats.zip_directory import beginning, content
from agent.inventory.languages import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from agent.formats.license import License
    from agent.formats.read_at import ReadAt
    from agent.formats.zip_directory import Entry

_PROPERTIES_LIMIT = 64 * 1024
_POM_LIMIT = 512 * 1024
_MANIFEST_LIMIT = 512 * 1024
"""Bytes of a manifest in which its main section is looked for; behind it are the digests of a signed archive's files."""
_POM = re.compile(r"(META-INF/maven/([^/]+)/([^/]+)/pom\.)properties")


class Archive(NamedTuple):
    """A Java archive: a file, or an archive within one.

    read_at: Reads it.
    size: Bytes.
    location: Its path, behind !/ those of archives within archives.
    """

    read_at: ReadAt
    size: int
    location: str

    @property
    def name(self) -> str:
        """Its file's name."""
        return self.location.rpartition("/")[2]


class _Package(NamedTuple):
    coordinates: Coordinates
    license: License


def findings(archive: Archive, listed: Sequence[Entry]) -> Iterator[Finding]:
    """Give the package that the archive is, and those that were put into it with their pom.properties (shaded).

    An archive without a pom.properties of its own is what its manifest and its name tell; where it has those of others,
    its name must have a version, or it may well be one of them.
    listed: Its entries in META-INF, at least. ValueError or OSError where what they say cannot be read.
    """
    packages = list(_built_by_maven(archive, listed))
    own = _own(packages, archive.name)
    if own:
        packages.remove(own)
    if own and own.license.text:
        yield _finding(own, archive.location)
    elif own or not packages or from_file_name(archive.name).version:
        attributes = _attributes(archive, listed)
        coordinates = own.coordinates if own else from_manifest(attributes, archive.name)
        yield _finding(_Package(coordinates, bundle_license(attributes)), archive.location)
    for package in packages:
        yield _finding(package, archive.location)


def _attributes(archive: Archive, listed: Sequence[Entry]) -> Mapping[str, str]:
    for entry in listed:
        if entry.name.upper() == "META-INF/MANIFEST.MF":
            return manifest(beginning(archive.read_at, entry, _MANIFEST_LIMIT))
    return {}


def _built_by_maven(archive: Archive, listed: Sequence[Entry]) -> Iterator[_Package]:
    """Give the packages that have a pom.properties, with the licence of the pom.xml beside it."""
    by_name = {entry.name: entry for entry in listed}
    for entry in listed:
        named = _POM.fullmatch(entry.name)
        if named:
            beside, group, artifact = named.groups()
            says = properties(content(archive.read_at, entry, _PROPERTIES_LIMIT))
            version = says.get("version") or ""
            coordinates = Coordinates(
                says.get("groupId") or group, says.get("artifactId") or artifact, None if "$" in version else version
            )
            pom = by_name.get(f"{beside}xml")
            yield _Package(coordinates, pom_license(beginning(archive.read_at, pom, _POM_LIMIT)) if pom else NONE)


def _own(packages: Sequence[_Package], name: str) -> _Package | None:
    """Find the package that the archive's file is named after: by the artifact, or of a single one by its version."""
    stem = name.rpartition(".")[0]
    after = [package for package in packages if _is_named_after(package.coordinates.artifact, stem)]
    if after:
        return max(after, key=lambda package: len(package.coordinates.artifact))
    if len(packages) == 1 and from_file_name(name).version in (None, packages[0].coordinates.version):
        return packages[0]
    return None


def _is_named_after(artifact: str, stem: str) -> bool:
    return stem == artifact or (stem.startswith(f"{artifact}-") and stem[len(artifact) + 1 :][:1].isdigit())


def _finding(package: _Package, location: str) -> Finding:
    group, artifact, version = map(text, package.coordinates)
    if not artifact:
        raise ValueError("a Java archive names no artifact")
    return Finding("maven", group, artifact, version, package.license.text, package.license.form, location)
