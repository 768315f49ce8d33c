"""What a package's manifest says of it, field by field: anybody may have written it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.formats.license import NONE, License, license_of

if TYPE_CHECKING:
    from collections.abc import Iterable

_TEXT_LIMIT = 256


class Manifest(NamedTuple):
    """A package as its manifest has it.

    name: Its name in full.
    version: Its version; None where the manifest has none.
    license: Its licence.
    """

    name: str
    version: str | None
    license: License


def text(field: object) -> str | None:
    """Give a field of one line, such as a name; None where there is none or it is empty.

    ValueError when it is no text, has control characters or is longer than any name (it quotes nothing).
    """
    if field is None or field == "":
        return None
    if not isinstance(field, str) or len(field) > _TEXT_LIMIT or not field.isprintable():
        raise ValueError(f"a name or version is no line of at most {_TEXT_LIMIT} characters")
    return field.strip() or None


def name_in(field: object) -> str:
    """Give a name that a manifest must have; ValueError as of text, and where it is missing."""
    name = text(field)
    if not name:
        raise ValueError("it names no package")
    return name


def license_in(field: object, dialect: str = "spdx") -> License:
    """Read a field that names a licence or holds its text; one of another type says nothing."""
    if not isinstance(field, str):
        return NONE
    declared = license_of(field, dialect)
    return declared if declared.text and declared.text.isprintable() else NONE


def any_of(licenses: Iterable[License]) -> License:
    """Join licences of which the user chooses one."""
    known = _distinct(licenses)
    if len(known) < 2:
        return known[0] if known else NONE
    form = "spdx" if all(license.form == "spdx" for license in known) else "text"
    return License(" OR ".join(_bracketed(license.text or "") for license in known), form)


def some_of(licenses: Iterable[License]) -> License:
    """Join licences of which it is not said whether all hold or one is chosen: no expression, then."""
    known = _distinct(licenses)
    if len(known) < 2:
        return known[0] if known else NONE
    return License(", ".join(license.text or "" for license in known), "text")


def _distinct(licenses: Iterable[License]) -> list[License]:
    return list(dict.fromkeys(license for license in licenses if license.text))


def _bracketed(expression: str) -> str:
    return f"({expression})" if " AND " in expression or " OR " in expression else expression
