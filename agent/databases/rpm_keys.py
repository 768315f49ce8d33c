"""The keys of packages of which rpm installs several versions side by side, as kernels are.

The newest has the plain key, so that an upgrade is a change of one record; each of the others has its version too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.formats import rpm_header as tags
from agent.formats.rpm_version import order
from agent.formats.rpmdb import Damaged
from agent.host.errors import LimitReached

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.formats.rpm_header import Header

MANAGER = "rpm"
"""Package.manager of all of them, and what their keys start with."""

_PUBLIC_KEY = "gpg-pubkey"


class Identity(NamedTuple):
    """What tells an installed package from all others.

    epoch: None where it has none, which is older than any.
    """

    name: str
    architecture: str | None
    epoch: int | None
    upstream: str
    release: str

    @property
    def version(self) -> str:
        """[epoch:]version-release"""
        return f"{'' if self.epoch is None else f'{self.epoch}:'}{self.upstream}-{self.release}"

    @property
    def key(self) -> str:
        """Key of its record, were it the only version of its name and architecture."""
        return _key(self.name, self.architecture)


def identity(header: Header) -> Identity | None:
    """Read who a package is; Damaged where that is not to be read.

    None for what is no package: rpm keeps the public keys that it trusts as headers of that name, with neither
    files nor an architecture.
    """
    name = header.text(tags.NAME)
    if name == _PUBLIC_KEY:
        return None
    upstream, release = header.text(tags.VERSION), header.text(tags.RELEASE)
    if not (name and upstream and release):
        raise Damaged("the header has no name, version or release")
    return Identity(name, header.text(tags.ARCH), header.number(tags.EPOCH), upstream, release)


def known_key(header: Header | Damaged) -> str | None:
    """Give the key of a damaged header's package, without what tells it from other versions; None where it has no name."""
    try:
        name = None if isinstance(header, Damaged) else header.text(tags.NAME)
        return _key(name, header.text(tags.ARCH)) if name and not isinstance(header, Damaged) else None
    except Damaged:
        return None


def newest(headers: Iterable[Header | Damaged]) -> dict[str, str]:
    """Give the newest version by the plain key of every package that is installed in more than one.

    Where the database cannot be read any further it is what was seen; who reads on meets the same end and reports it.
    """
    first: dict[str, str] = {}
    several: dict[str, str] = {}
    try:
        for package in filter(None, map(_readable, headers)):
            key, version = package.key, package.version
            if first.setdefault(key, version) != version:
                several[key] = max(several.get(key, first[key]), version, key=lambda text: (order(text), text))
    except (LimitReached, Damaged):
        pass
    return several


def instance(package: Identity, several: dict[str, str]) -> str | None:
    """Give what tells a package from a newer version beside it: its version; None for the newest."""
    return None if several.get(package.key, package.version) == package.version else package.version


def _readable(header: Header | Damaged) -> Identity | None:
    """Read who a package is; None where that is not to be read, which whoever gives its record reports."""
    if isinstance(header, Damaged):
        return None
    try:
        return identity(header)
    except Damaged:
        return None


def _key(name: str, architecture: str | None) -> str:
    return f"{MANAGER}/{name}:{architecture or ''}"
