"""Names and versions of the installed packages, from the databases of dpkg and rpm."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from agent.checks.engine.system import System
    from agent.formats.rpm_header import Header
    from agent.formats.rpmdb import Damaged
    from agent.host.root import HostRoot

_AHEAD = 8 * 1024
"""Bytes of an rpm header among which its name and version mostly are."""
_INSTALLED = frozenset(("installed", "triggers-awaited", "triggers-pending"))
"""States of dpkg in which all files of a package are in place and configured."""
_WITHOUT_FILES = frozenset(("not-installed", "config-files"))
_DPKG = "/var/lib/dpkg"


def installed(system: System) -> Mapping[str, str]:
    """Give the version of each installed package by its name; of several instances of one name, the last listed.

    A root without a database has none. OSError, LimitReached or ValueError where a database cannot be read whole.
    """
    return {name: version for name, version, is_whole in system.get(_listed) if is_whole}


def partly(system: System) -> Mapping[str, str]:
    """Give the version of each package that is installed, or of which files are there because something went wrong."""
    return {name: version for name, version, _ in system.get(_listed)}


def _listed(system: System) -> tuple[tuple[str, str, bool], ...]:
    """Give name and version of each package that has files, and whether it is installed whole."""
    return (*_of_rpm(system.root), *_of_dpkg(system.root))


def _of_dpkg(root: HostRoot) -> Iterator[tuple[str, str, bool]]:
    """Give what status.d of images without dpkg and then status with its journal list."""
    from agent.databases.dpkg_state import STATUS, look, merged  # noqa: PLC0415
    from agent.formats.dpkg import whole  # noqa: PLC0415

    for path in root.glob(f"{_DPKG}/status.d/*"):
        if not path.endswith(".md5sums"):
            yield from ((each.name, each.version or "", True) for each in whole(root.read(path)) if each.name)
    if not root.exists(STATUS):
        return
    looked = look(root)
    with looked.status:
        for stanza in merged(looked):
            state = stanza.status.rpartition(" ")[2] if stanza.name and stanza.status else ""
            if stanza.name and state and state not in _WITHOUT_FILES:
                yield stanza.name, stanza.version or "", state in _INSTALLED


def _of_rpm(root: HostRoot) -> Iterator[tuple[str, str, bool]]:
    """Give what the first database lists that lists anything."""
    from agent.databases.rpm_database import Database, found  # noqa: PLC0415

    for path in found(root):
        with Database(root, path) as database:
            if not database.is_empty():
                yield from _of_headers(database.headers(_AHEAD))
                return


def _of_headers(headers: Iterator[Header | Damaged]) -> Iterator[tuple[str, str, bool]]:
    from agent.formats import rpmdb  # noqa: PLC0415
    from agent.formats.rpm_header import NAME, RELEASE, VERSION  # noqa: PLC0415

    for header in headers:
        if isinstance(header, rpmdb.Damaged):
            raise header
        yield header.text(NAME) or "", f"{header.text(VERSION)}-{header.text(RELEASE)}", True
