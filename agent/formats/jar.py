"""What is written in Java archives: MANIFEST.MF (JAR File Specification) and the pom.properties and pom.xml that Maven puts there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.formats.license import License, license_of
from agent.formats.manifest import any_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_LICENSES_LIMIT = 16 * 1024
_NAME = re.compile(rb"<name>([^<]{1,512})</name>")
_NAMES_LIMIT = 8
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))
_CONTINUED = re.compile(r"(?:\r\n|\r|\n) ")
_ESCAPED = re.compile(r"\\(.)")
_ADDRESS = re.compile(r"https?://(?:www\.)?([^/]+)/(.+?)(?:\.(?:txt|html|php))?/?$", re.IGNORECASE)
_ADDRESSES = {
    "apache.org/licenses/license-2.0": "Apache-2.0",
    "eclipse.org/legal/epl-v10": "EPL-1.0",
    "eclipse.org/legal/epl-v20": "EPL-2.0",
    "eclipse.org/legal/epl-2.0": "EPL-2.0",
    "opensource.org/licenses/mit-license": "MIT",
}
"""Addresses of licences, as bundles declare them, without scheme and ending."""
_NAMED_BY_IDENTIFIER = ("opensource.org", "spdx.org")
"""Hosts on which the last part of a licence's address is its SPDX identifier."""


def manifest(content: bytes) -> dict[str, str]:
    """Read the main section of a MANIFEST.MF: attributes by their names, in lower case; the first of a name counts."""
    text = content.decode("utf-8", "replace")
    attributes: dict[str, str] = {}
    for line in _CONTINUED.sub("", text).splitlines():
        name, colon, declared = line.partition(":")
        if not line:
            break
        if colon:
            attributes.setdefault(name.lower(), declared.strip())
    return attributes


def properties(content: bytes) -> dict[str, str]:
    """Read a pom.properties: one key and value a line (java.util.Properties, of which Maven writes no more)."""
    found = {}
    for line in content.decode("utf-8", "replace").splitlines():
        key, equals, declared = line.strip().partition("=")
        if equals and not key.startswith(("#", "!")):
            found[key.strip()] = _ESCAPED.sub(r"\1", declared).strip()
    return found


def pom_license(content: bytes) -> License:
    """Read the licences that a pom.xml declares itself; where it has several, the user chooses (Maven's POM reference).

    The XML is searched and not parsed: no entity is expanded.
    """
    declared = _between(_without_comments(content), b"<licenses>", b"</licenses>")[:_LICENSES_LIMIT]
    names = [_NAME.search(part) for part in declared.split(b"<license>")[1 : 1 + _NAMES_LIMIT]]
    return any_of(_license(_unescaped(name.group(1).decode("utf-8", "replace"))) for name in names if name)


def bundle_license(attributes: Mapping[str, str]) -> License:
    """Read the Bundle-License of a manifest: identifiers, names or addresses, with parameters (OSGi Core, 3.2.1.10)."""
    declared = attributes.get("bundle-license", "")
    alternatives = [part.partition(";")[0].strip(" \"'") for part in re.split(r",(?=\s*(?:https?:|\"))", declared)]
    return any_of(_license(alternative) for alternative in alternatives[:_NAMES_LIMIT])


def _license(declared: str) -> License:
    if not declared.isprintable():
        return _license("".join(filter(str.isprintable, " ".join(declared.split()))))
    address = _ADDRESS.match(declared)
    if address:
        host, path = address.groups()
        known = _ADDRESSES.get(f"{host}/{path}".lower())
        if not known and host.lower() in _NAMED_BY_IDENTIFIER:
            known = path.rpartition("/")[2]
        declared = known or declared
    return license_of(declared)


def _without_comments(xml: bytes) -> bytes:
    first, *rest = xml.split(b"<!--")
    return first + b"".join(part.partition(b"-->")[2] for part in rest)


def _between(xml: bytes, start: bytes, end: bytes) -> bytes:
    return xml.partition(start)[2].partition(end)[0]


def _unescaped(text: str) -> str:
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return text
