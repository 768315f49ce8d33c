"""Which package owns which executable: dpkg's file lists (var/lib/dpkg/info/*.list) are read here until all owners are known.

That takes less than a tenth of what agent.databases.owners takes, which reads every list to its end.
"""

from __future__ import annotations

import os
from io import BytesIO
from typing import TYPE_CHECKING

from agent.host.errors import LimitReached, gap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agent.host.root import HostRoot
    from agent.model.records import Gap

STATUS = "/var/lib/dpkg/status"
LISTS = "/var/lib/dpkg/info"
_LIST_LIMIT = 32 * 1024 * 1024
"""Bytes of one file list; the largest known, a firmware collection's, has less than one million."""
_MERGED = ("/bin/", "/sbin/", "/lib")


def owning_packages(root: HostRoot, executables: set[str], report: Callable[[Gap], None]) -> dict[str, str | None]:
    """Give the package key of each executable, None where no package lists it; empty without a package database.

    Each list is read once for all executables together.
    """
    wanted = {os.fsencode(spelling) + b"\n": path for path in executables for spelling in _spellings(path)}
    owners: dict[str, str | None] = dict.fromkeys(executables)
    try:
        for path, list_name in _listed(root, wanted):
            owners[path] = owners[path] or list_name
        found = {name for name in owners.values() if name}
        keys = _keys(root.read(STATUS), found) if found else {}
    except FileNotFoundError:
        from agent.collectors.ports.other_databases import owned_by_others  # noqa: PLC0415 - hosts with dpkg pay nothing

        return owned_by_others(root, executables, report)
    except (OSError, LimitReached) as error:
        report(gap("packages of executables", error, None))
        return {}
    return {path: keys.get(name) if name else None for path, name in owners.items()}


def unchanged_since(root: HostRoot, moment: int | None) -> bool:
    """Tell whether dpkg has not written its status since a moment, seconds since 1970."""
    try:
        return moment is not None and root.stat(STATUS).st_mtime < moment
    except OSError:
        return False


def _listed(root: HostRoot, wanted: dict[bytes, str]) -> Iterator[tuple[str, str]]:
    """Give executable and name of the list, without its suffix, of each list that has it."""
    spellings = frozenset(wanted)
    missing = set(wanted.values())
    with root.directory(LISTS) as directory:
        for name in directory.names():
            if not missing:
                return
            if name.endswith(".list"):
                for line in spellings.intersection(BytesIO(directory.read(name, _LIST_LIMIT))):
                    missing.discard(wanted[line])
                    yield wanted[line], name[: -len(".list")]


def _spellings(path: str) -> tuple[str, ...]:
    """Give a path with and without /usr: a package may list what merged directories made the other."""
    if path.startswith("/usr/") and path[4:].startswith(_MERGED):
        return path, path[4:]
    return (path, f"/usr{path}") if path.startswith(_MERGED) else (path,)


def _keys(status: bytes, names: set[str]) -> dict[str, str]:
    """Give the record key of packages by the names of their lists: name:architecture, or name alone."""
    keys = {}
    for name in names:
        package, _, architecture = name.partition(":")
        keys[name] = f"dpkg/{package}:{architecture or _architecture(status, package)}"
    return keys


def _architecture(status: bytes, package: str) -> str:
    start = (b"\n" + status).find(b"\nPackage: %b\n" % os.fsencode(package))
    stanza = status[max(start, 0) : status.find(b"\n\n", max(start, 0))] if start >= 0 else b""
    return stanza.partition(b"\nArchitecture: ")[2].partition(b"\n")[0].decode("ascii", "replace")
