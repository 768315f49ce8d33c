"""Where the packages of dpkg come from: their own fields, marks in their versions, and the indexes that apt keeps.

An index proves that a repository has the very build that is installed. Where none does, because a package was
installed from a file or the index has moved on, nobody can tell who built it, unless the package itself says so.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from agent.databases import apt_lists
from agent.databases.apt_indexes import Build, search
from agent.databases.apt_makers import DISTRIBUTION, THIRD_PARTY, provenance
from agent.model.records import Gap

if TYPE_CHECKING:
    from agent.databases.apt_indexes import Found
    from agent.databases.distribution import Distribution
    from agent.formats.dpkg import Stanza
    from agent.host.root import HostRoot

READS = apt_lists.READS
STATE = apt_lists.STATE

_MARKS = {
    "debian": re.compile(r"[+~]deb[0-9]+u[0-9]+(?:\+b[0-9]+)?$"),
    "ubuntu": re.compile(r"[+~]esm[0-9]+$"),
}
"""Ends of versions that a distribution alone gives: a stable release's updates, and those of Ubuntu's ESM."""
_ESM = re.compile(r"[+~]esm[0-9]+$")
_BACKPORT = re.compile(r"~bpo[0-9.]+(?:\+[0-9]+)?(?:\+b[0-9]+)?$")
"""Debian's ~bpo12+1, and Ubuntu's ~bpo22.04.1."""


class Origin(NamedTuple):
    """Where a package comes from, in the fields of Package."""

    provenance: str | None
    repository: str | None
    channel: str | None


class Origins:
    """What is known of where the packages of a root come from."""

    def __init__(self, distribution: str | None, found: Found) -> None:
        self._distribution = distribution
        self._found = found

    def of(self, stanza: Stanza) -> Origin:
        """Tell where a package comes from; what the distribution's own index has is its own, whatever else is said."""
        build = _build(stanza)
        own = self._found.own.get(build)
        version = stanza.version or ""
        if own:
            return Origin(DISTRIBUTION, own.maker, own.channel or _channel(version))
        foreign = self._found.foreign.get(build)
        said = provenance(stanza.origin or stanza.vendor, self._distribution)
        mark = _MARKS.get(self._distribution or "")
        if said == DISTRIBUTION or (not said and mark and mark.search(version)):
            return Origin(DISTRIBUTION, None, _channel(version))
        if said or foreign:
            return Origin(THIRD_PARTY, foreign.maker if foreign else None, None)
        return Origin(None, None, _channel(version))


def read(root: HostRoot, distribution: Distribution) -> tuple[Origins, list[Gap]]:
    """Search the indexes that apt keeps; with what is known come the gaps, which hide no package.

    What the repositories themselves could not be read for is reported where they are listed.
    """
    listed = [found for found in apt_lists.repositories(root, distribution) if not isinstance(found, Gap)]
    found = search(root, listed)
    return Origins(distribution.id, found), found.gaps


def _build(stanza: Stanza) -> Build:
    return Build(*(_encoded(text) for text in (stanza.name, stanza.version, stanza.architecture)))


def _encoded(text: str | None) -> bytes:
    return (text or "").encode("utf-8", "surrogateescape")


def _channel(version: str) -> str | None:
    if _BACKPORT.search(version):
        return "backports"
    return "esm" if _ESM.search(version) else None
