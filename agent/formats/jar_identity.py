"""Which Maven package a Java archive is that does not say so itself: what its manifest and its file's name tell.

Archives that Maven built carry a pom.properties. Of the others the file's name is the better witness of the
artifact and its version: Implementation-Title may be a sentence, Implementation-Version may have a build's number
behind it. Only the manifest knows the group, and few of its attributes can be relied on; no group is better than a
wrong one, by which the advisories of another package would be found.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from agent.formats.maven_groups import GROUPS

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME_LIMIT = 200
_QUALIFIER = r"\d[\w.+]*|(?:alpha|beta|rc|cr|m\d|b\d|ea|pre|snapshot|final|release|ga|sp|jre|android|incubating)[\w.]*"
_VERSIONED = re.compile(rf"(.+?)-(\d[\w.+]*(?<!\.x)(?:-(?:{_QUALIFIER}))*)(?:-[a-z][\w.]*)*", re.IGNORECASE)
"""Artifact, version, and classifiers as sources, tests or linux-x86_64."""
_RELEASE = re.compile(r"\d[\w.+-]*?(?=-release-\d|\.v\d{8}|[^\w.+-]|$)")
"""A version without what Kotlin's and Eclipse's builds add to it."""
_TOO_GENERAL = ("org.apache", "com.sun")
"""What hundreds of projects give as theirs, of which it is the group of none."""


class Coordinates(NamedTuple):
    """A Maven package: group and version are None where they cannot be told."""

    group: str | None
    artifact: str
    version: str | None


def from_file_name(name: str) -> Coordinates:
    """Split the name of an archive in artifact and version: log4j-1.2-api-2.19.0.jar, guava-31.1-jre.jar, x-1.0-sources.jar."""
    stem = name.rpartition(".")[0] or name
    versioned = _VERSIONED.fullmatch(stem) if len(stem) <= _NAME_LIMIT else None
    artifact, version = versioned.groups() if versioned else (stem, None)
    return Coordinates(GROUPS.get(artifact), artifact, version)


def from_manifest(attributes: Mapping[str, str], name: str) -> Coordinates:
    """Tell the package of a manifest (agent.formats.jar) in an archive of a name.

    A Jenkins plugin says all of it in attributes of its own. Otherwise the artifact, and the version if it is there,
    are the name's; a missing version is that of the implementation or of the bundle.
    """
    if attributes.get("short-name") and attributes.get("plugin-version"):
        version = attributes["plugin-version"].partition(" ")[0]
        return Coordinates(attributes.get("group-id") or None, attributes["short-name"], version)
    named = from_file_name(name)
    return named._replace(
        group=named.group or _group(attributes, named.artifact), version=named.version or _version(attributes)
    )


def _group(attributes: Mapping[str, str], artifact: str) -> str | None:
    """Take the group from the bundle's name where that is group.artifact, else the vendor's id."""
    bundle = attributes.get("bundle-symbolicname", "").partition(";")[0].strip()
    prefix, dot, _ = bundle.rpartition(f".{artifact}")
    if dot and "." in prefix and bundle == f"{prefix}.{artifact}" and prefix not in _TOO_GENERAL:
        return prefix
    vendor = attributes.get("implementation-vendor-id", "")
    return vendor if vendor and " " not in vendor and vendor not in _TOO_GENERAL else None


def _version(attributes: Mapping[str, str]) -> str | None:
    for attribute in ("implementation-version", "bundle-version", "specification-version"):
        release = _RELEASE.match(attributes.get(attribute, ""))
        if release:
            return release.group()
    return None
