"""package.json of a Node.js package (docs.npmjs.com, package.json; older forms of its licence too)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.formats import json_text
from agent.formats.license import NONE
from agent.formats.manifest import Manifest, any_of, license_in, name_in, text

if TYPE_CHECKING:
    from agent.formats.license import License

_NAME = re.compile(r"(?:@[^/]+/)?[^@/][^/]*")


def parse(content: bytes) -> Manifest | None:
    """Read it; None where it has no name: then it only marks how the files beside it are to be read.

    ValueError when it is no JSON object or has a name or version that cannot be one.
    """
    manifest = json_text.read(content)
    if not isinstance(manifest, dict):
        raise ValueError("it is no JSON object")
    if manifest.get("name") in (None, ""):
        return None
    return Manifest(_name(manifest["name"]), text(manifest.get("version")), _license(manifest))


def _name(field: object) -> str:
    name = name_in(field)
    if not _NAME.fullmatch(name):
        raise ValueError("its name is neither name nor @scope/name")
    return name


def _license(manifest: dict[str, object]) -> License:
    """Read license or, as was allowed once, licenses: a list of which one may be chosen."""
    for field in (manifest.get("license"), manifest.get("licenses")):
        if field:
            return any_of(map(_one, field)) if isinstance(field, list) else _one(field)
    return NONE


def _one(field: object) -> License:
    if isinstance(field, dict):
        field = field.get("type") or field.get("name")
    return license_in(field)
