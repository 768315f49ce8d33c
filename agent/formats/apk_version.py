"""Versions of apk packages: <version>-r<build>, as apk-package(5) describes them."""

from __future__ import annotations

import re
from typing import NamedTuple

_VERSION = re.compile(
    r"([0-9]+(?:\.[0-9]+)*[a-z]?(?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)[0-9]*)*(?:~[0-9a-f]+)?)(?:-(r[0-9]+))?"
)


class Version(NamedTuple):
    """The parts of a version.

    upstream: The version that the authors gave.
    build: r and the number of the package's build; None where it has none, as with packages that apk add --virtual made.
    """

    upstream: str
    build: str | None


def split(version: str) -> Version:
    """Take a version apart; ValueError when it is none by the rules of apk."""
    match = _VERSION.fullmatch(version)
    if not match:
        raise ValueError("a version is numbers with dots, perhaps a letter, suffixes and -r with a number")
    return Version(match[1], match[2])
