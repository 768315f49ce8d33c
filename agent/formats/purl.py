"""Package URLs in their canonical form (purl-spec), as packageurl-python writes them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_LOWERED = frozenset(("composer", "golang", "npm", "pypi"))
"""Types whose names are not case sensitive, and are therefore written in lower case (purl-spec, types/*-definition.json)."""
_SEPARATORS = "[-_.]+"

_UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~:/-"
_RESERVED = re.compile(r"[^A-Za-z0-9._~:/-]+")


def purl(kind: str, namespace: str | None, name: str, version: str, qualifiers: Mapping[str, str | None]) -> str:
    """Write a package URL of a type that has no rules of its own for names, as deb and rpm.

    Empty parts are left out; qualifiers must be named in lower case. ValueError when the name is empty.
    """
    name = quote(name.strip().strip("/"))
    if not name:
        raise ValueError("a package URL needs a name")
    version = version.strip()
    at = f"@{quote(version)}" if version else ""
    return f"pkg:{kind}/{_space(namespace)}{name}{at}{_query(*qualifiers.items())}"


def language_purl(ecosystem: str, namespace: str | None, name: str, version: str | None) -> str:
    """Write a package URL of a type that a language's package manager has, by the rules of that type.

    ValueError when the name is empty. PyPI's names are written in their normal form (PEP 503).
    """
    if ecosystem in _LOWERED:
        namespace, name = (namespace or "").lower(), name.lower()
    if ecosystem == "pypi":
        name = re.sub(_SEPARATORS, "-", name)
    return purl(ecosystem, namespace, name, version or "", {})


@lru_cache(64)
def _space(namespace: str | None) -> str:
    """Write a namespace; most packages share it with many others."""
    return "".join(f"{quote(part)}/" for part in (namespace or "").strip().strip("/").split("/") if part.strip())


@lru_cache(64)
def _query(*qualifiers: tuple[str, str | None]) -> str:
    """Write qualifiers, which most packages share as well."""
    pairs = [f"{key}={quote(value)}" for key, value in sorted(qualifiers) if value and value.strip()]
    return f"?{'&'.join(pairs)}" if pairs else ""


def quote(text: str) -> str:
    """Percent-encode what purl-spec does not leave as it is; bytes that are no UTF-8 as the bytes they were."""
    if not text.strip(_UNRESERVED):
        return text
    return _RESERVED.sub(_encode, text)


def _encode(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match.group().encode("utf-8", "surrogateescape"))
