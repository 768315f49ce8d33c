"""Versions of pacman's packages: [epoch:]version-release, as PKGBUILD(5) describes them."""

from __future__ import annotations

import re
from typing import NamedTuple

_VERSION = re.compile(r"(?:([0-9]{1,10}):)?([^\s:/-]+)-([0-9]+(?:\.[0-9]+)?)")


class Version(NamedTuple):
    """The parts of a version.

    epoch: 0 where none is written.
    upstream: The version that the authors gave.
    release: Number of the package's build, for example 1 or 1.2.
    """

    epoch: int
    upstream: str
    release: str


def split(version: str) -> Version:
    """Take a version apart; ValueError when it is none by the rules of PKGBUILD(5)."""
    match = _VERSION.fullmatch(version)
    if not match:
        raise ValueError(
            "a version is [epoch:]version-release, the version without colons, slashes, hyphens and spaces"
        )
    return Version(int(match[1] or 0), match[2], match[3])
