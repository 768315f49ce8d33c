"""SPDX expressions and, beside them, full names of licences that mean one licence and no other."""

from __future__ import annotations

import re

from agent.formats.spdx import expression

_FILLING = re.compile(r"^the |,|\bversion |\bv\.? ?(?=\d)| \([^()]*\)$")

_NAMES = {
    "0BSD": ("bsd zero clause license", "zero-clause bsd"),
    "Apache-1.1": ("apache license 1.1", "apache software license 1.1"),
    "Apache-2.0": (
        "apache 2",
        "apache 2.0",
        "apache license 2",
        "apache license 2.0",
        "apache software license 2.0",
        "apache software license - 2.0",
        "asl 2.0",
    ),
    "BSD-2-Clause": ("2-clause bsd license", "bsd 2-clause", "bsd 2-clause license", "simplified bsd license"),
    "BSD-3-Clause": (
        "3-clause bsd license",
        "bsd 3-clause",
        "bsd 3-clause license",
        "modified bsd license",
        "new bsd license",
        "revised bsd license",
    ),
    "BSL-1.0": ("boost software license 1.0",),
    "CC0-1.0": ("cc0 1.0", "cc0 1.0 universal", "cc0 1.0 universal (cc0 1.0) public domain dedication"),
    "CDDL-1.0": ("cddl 1.0", "common development and distribution license 1.0"),
    "CDDL-1.1": ("cddl 1.1", "common development and distribution license 1.1"),
    "EPL-1.0": ("eclipse public license 1.0", "eclipse public license - 1.0", "epl 1.0"),
    "EPL-2.0": ("eclipse public license 2.0", "eclipse public license - 2.0", "epl 2.0"),
    "ISC": ("isc license",),
    "MIT": ("expat license", "mit license"),
    "MIT-0": ("mit no attribution", "mit no attribution license"),
    "MPL-1.1": ("mozilla public license 1.1", "mpl 1.1"),
    "MPL-2.0": ("mozilla public license 2.0", "mpl 2.0"),
    "PostgreSQL": ("postgresql license",),
    "UPL-1.0": ("universal permissive license",),
    "Unlicense": ("unlicense",),
    "Zlib": ("zlib license", "zlib/libpng license"),
}

NAMES = {name: identifier for identifier, names in _NAMES.items() for name in names}
"""Identifiers by names without what makes no difference: case, article, the word version, an abbreviation behind."""


def spdx(declared: str) -> str | None:
    """Read an expression or a full name; None where it is neither, or a name that several licences have."""
    return expression(declared) or named(declared)


def named(name: str) -> str | None:
    """Give the licence that a full name means; None where it is none or might be several."""
    return NAMES.get(_FILLING.sub("", name.lower()))
