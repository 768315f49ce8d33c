from __future__ import annotations

import pytest

from agent.formats.spdx import expression
from agent.formats.spdx_fedora import NAMES, fedora


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("GPLv2+", "GPL-2.0-or-later"),
        ("GPLv2+ and LGPLv2+", "GPL-2.0-or-later AND LGPL-2.0-or-later"),
        ("MIT or ASL 2.0", "MIT OR Apache-2.0"),
        ("(MPLv1.1 or GPLv2+) and zlib", "(MPL-1.1 OR GPL-2.0-or-later) AND Zlib"),
        ("GPL+ or Artistic", "GPL-1.0-or-later OR Artistic-1.0-Perl"),
        ("(GPL+ or Artistic) and MIT", "(GPL-1.0-or-later OR Artistic-1.0-Perl) AND MIT"),
        ("GPL+ or Artistic 2.0", "GPL-1.0-or-later OR Artistic-2.0"),
        ("GPL-2.0-or-later AND (MIT OR Apache-2.0)", "GPL-2.0-or-later AND (MIT OR Apache-2.0)"),
    ],
)
def test_old_names_and_spdx_are_read(declared: str, expected: str) -> None:
    assert fedora(declared) == expected


@pytest.mark.parametrize(
    "declared",
    ["BSD", "GPL", "LGPLv2", "Artistic", "Public Domain", "GPLv2+ and (BSD or MIT)", "GPLv2 with exceptions", "gplv2"],
)
def test_a_name_of_several_licences_is_none(declared: str) -> None:
    assert fedora(declared) is None


def test_every_name_stands_for_an_identifier() -> None:
    assert {name: expression(meaning) for name, meaning in NAMES.items()} == NAMES
