from __future__ import annotations

import pytest

from agent.formats.spdx_debian import debian


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("GPL-2", "GPL-2.0-only"),
        ("gpl-2+", "GPL-2.0-or-later"),
        ("GPL-2.0.0+", "GPL-2.0-or-later"),
        ("LGPL-2.1+", "LGPL-2.1-or-later"),
        ("LGPL-2", "LGPL-2.0-only"),
        ("AGPL-3+", "AGPL-3.0-or-later"),
        ("Expat", "MIT"),
        ("BSD-3-clause", "BSD-3-Clause"),
        ("Apache-2", "Apache-2.0"),
        ("Apache-2.0", "Apache-2.0"),
        ("MPL-2", "MPL-2.0"),
        ("CC-BY-SA-3", "CC-BY-SA-3.0"),
        ("CC0", "CC0-1.0"),
        ("Artistic", "Artistic-1.0-Perl"),
        ("Artistic-2", "Artistic-2.0"),
        ("GFDL-1.3+", "GFDL-1.3-or-later"),
        ("GFDL-NIV-1.2", "GFDL-1.2-no-invariants-only"),
        ("GFDL-NIV-1.3+", "GFDL-1.3-no-invariants-or-later"),
        ("Zope-2.1", "ZPL-2.1"),
        ("Zlib", "Zlib"),
        ("GPL-2.0-or-later", "GPL-2.0-or-later"),
    ],
)
def test_a_short_name_is_a_family_and_a_version(name: str, expected: str) -> None:
    assert debian(name) == expected


@pytest.mark.parametrize("name", ["GPL", "LGPL", "Apache", "BSD", "public-domain", "permissive", "MIT/X11", "GPL-9"])
def test_a_name_that_several_licences_have_or_none_is_not_known(name: str) -> None:
    assert debian(name) is None


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("GPL-2+ with Font exception", "GPL-2.0-or-later WITH Font-exception-2.0"),
        ("GPL-2 with Linux-syscall-note exception", "GPL-2.0-only WITH Linux-syscall-note"),
        ("Apache-2.0 with LLVM exception", "Apache-2.0 WITH LLVM-exception"),
        ("GPL-2+ with Libtool exception", "GPL-2.0-or-later WITH Libtool-exception"),
        ("GPL-2+ with OpenSSL exception", None),
        ("GPL-3+ with Autoconf exception", None),
        ("Perl with Font exception", None),
    ],
)
def test_an_exception_is_known_when_spdx_has_one_of_its_name(words: str, expected: str | None) -> None:
    assert debian(words) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GPL-1+ or Artistic", "GPL-1.0-or-later OR Artistic-1.0-Perl"),
        ("Perl and Zlib", "(GPL-1.0-or-later OR Artistic-1.0-Perl) AND Zlib"),
        ("Expat or ISC and Zlib", "MIT OR ISC AND Zlib"),
        ("Expat or ISC, and Zlib", "(MIT OR ISC) AND Zlib"),
        ("Expat and ISC, or Zlib", "MIT AND ISC OR Zlib"),
        ("Expat, ISC", None),
        ("Expat or unheard-of", None),
    ],
)
def test_a_comma_makes_an_operator_looser(text: str, expected: str | None) -> None:
    """Copyright-format 1.0, section 7.2: A or B, and C means (A or B) and C."""
    assert debian(text) == expected
