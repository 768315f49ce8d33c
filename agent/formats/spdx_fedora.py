"""Licence names that Fedora and Red Hat wrote before SPDX, where each stands for one licence.

They are of Fedora's table of good licences. A name that covers several licences (BSD, Artistic, GFDL,
LGPLv2, Public Domain) is not here. Names are compared as they are written: case made a difference.
"""

from __future__ import annotations

import re

from agent.formats.spdx import expression, term

NAMES = {
    "AGPLv1": "AGPL-1.0-only",
    "AGPLv3": "AGPL-3.0-only",
    "AGPLv3+": "AGPL-3.0-or-later",
    "ASL 1.0": "Apache-1.0",
    "ASL 1.1": "Apache-1.1",
    "ASL 2.0": "Apache-2.0",
    "Artistic 2.0": "Artistic-2.0",
    "Artistic clarified": "ClArtistic",
    "Boost": "BSL-1.0",
    "CC0": "CC0-1.0",
    "CPL": "CPL-1.0",
    "EPL": "EPL-1.0",
    "GPL+": "GPL-1.0-or-later",
    "GPLv1": "GPL-1.0-only",
    "GPLv2": "GPL-2.0-only",
    "GPLv2+": "GPL-2.0-or-later",
    "GPLv3": "GPL-3.0-only",
    "GPLv3+": "GPL-3.0-or-later",
    "IBM": "IPL-1.0",
    "LGPLv2+": "LGPL-2.0-or-later",
    "LGPLv2.1": "LGPL-2.1-only",
    "LGPLv2.1+": "LGPL-2.1-or-later",
    "LGPLv3": "LGPL-3.0-only",
    "LGPLv3+": "LGPL-3.0-or-later",
    "MPLv1.0": "MPL-1.0",
    "MPLv1.1": "MPL-1.1",
    "MPLv2.0": "MPL-2.0",
    "OFL": "OFL-1.1",
    "QPL": "QPL-1.0",
    "ZPLv2.0": "ZPL-2.0",
    "ZPLv2.1": "ZPL-2.1",
}

_PERL = re.compile(r"\bGPL\+ or Artistic(?=\s*(?:\)|$|and\b|or\b))")
"""What modules of Perl were given; elsewhere, Artistic may be another of its versions."""


def fedora(declared: str) -> str | None:
    """Read a License tag of rpm, in the words of Fedora or in SPDX; None where not all of it is known."""
    return expression(_PERL.sub("GPL-1.0-or-later OR Artistic-1.0-Perl", declared), _meaning)


def _meaning(words: str) -> str | None:
    return NAMES.get(words) or term(words)
