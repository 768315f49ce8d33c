"""Short names of licences in Debian's machine-readable copyright files (DEP-5, copyright-format 1.0, section 7).

A name is a family and a version, of which zeros at the end may be missing; a plus means any later version too.
The format has a name without a version mean the lowest one, but that is not how GPL, LGPL and Apache without
a version are used: they are not known here.
"""

from __future__ import annotations

import re

from agent.formats.spdx import OPERATORS, expression, identifier
from agent.formats.spdx_ids import EXCEPTIONS

_NAMES = {
    "artistic": "Artistic-1.0-Perl",
    "artistic-1": "Artistic-1.0-Perl",
    "artistic-1.0": "Artistic-1.0-Perl",
    "boost-1.0": "BSL-1.0",
    "cc0": "CC0-1.0",
    "cddl": "CDDL-1.0",
    "cpl": "CPL-1.0",
    "expat": "MIT",
    "perl": "GPL-1.0-or-later OR Artistic-1.0-Perl",
    "python": "Python-2.0",
    "qpl": "QPL-1.0",
}
"""Names whose family SPDX calls otherwise. Artistic is the licence that Perl has: "GPL-1+ or Artistic" is called Perl's."""

_FAMILIES = {"zope": "ZPL"}
_VERSIONED = re.compile(r"([a-z0-9-]*[a-z][a-z0-9]*)-([0-9]+(?:\.[0-9]+)*)(\+?)", re.IGNORECASE)
_GFDL_WITHOUT_INVARIANTS = re.compile(r"gfdl-niv-(1\.[1-3])(\+?)", re.IGNORECASE)
_EXCEPTION = re.compile(r"(\S+) with (\S+?)(?:[ -]exceptions?)?", re.IGNORECASE)
_FONT = {"font": "Font-exception-2.0"}
"""The one exception of the format that SPDX has; that for OpenSSL is worded otherwise there."""

_LONGEST = 100
"""Characters of a name; longer ones are sentences, or made to be slow to compare."""

_COMMAS = (("OR", re.compile(r" *, +or +")), ("AND", re.compile(r" *, +and +")))
"""Looser than those without a comma (section 7.2)."""


def debian(declared: str) -> str | None:
    """Read a synopsis of licences; None where not all of it is known."""
    return expression(declared, _meaning, _COMMAS + OPERATORS)


def _meaning(words: str) -> str | None:
    qualified = _EXCEPTION.fullmatch(words)
    if not qualified:
        return _named(words)
    license_id = _named(qualified[1])
    exception = _FONT.get(qualified[2].lower()) or EXCEPTIONS.get(_exception(qualified[2].lower()))
    return f"{license_id} WITH {exception}" if license_id and " " not in license_id and exception else None


def _exception(keyword: str) -> str:
    """Give an exception's identifier for its keyword: Linux-syscall-note is one itself."""
    return keyword if keyword in EXCEPTIONS else f"{keyword}-exception"


def _named(name: str) -> str | None:
    if " " in name or len(name) > _LONGEST:
        return None
    found = _NAMES.get(name.lower()) or identifier(name)
    return found or _versioned(name)


def _versioned(name: str) -> str | None:
    """Find a name whose version is written with more or fewer zeros than SPDX does."""
    if without := _GFDL_WITHOUT_INVARIANTS.fullmatch(name):
        return f"GFDL-{without[1]}-no-invariants-{'or-later' if without[2] else 'only'}"
    parts = _VERSIONED.fullmatch(name)
    if not parts:
        return None
    family = _FAMILIES.get(parts[1].lower(), parts[1])
    spellings = (parts[2], f"{parts[2]}.0", f"{parts[2]}.0.0", parts[2].removesuffix(".0"))
    return next(filter(None, (identifier(f"{family}-{version}{parts[3]}") for version in spellings)), None)
