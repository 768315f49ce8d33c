"""To which packages the files of a tree belong, from what is remembered of it, and looked up where nothing is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.collectors.usage.memory import TreeMemory
from agent.databases.stamp import stamp
from agent.host.errors import Unsettled
from agent.inventory.code import language
from agent.inventory.ownership import IN_CONTAINERS, Ownership, ownership, present
from agent.model.digest import sha256
from agent.model.records import Gap
from agent.sockets.namespaces import HOST

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from agent.collectors.usage.apart import Apart
    from agent.collectors.usage.memory import Mark
    from agent.databases import Database
    from agent.host.root import HostRoot

_HOLDS = 3600
"""Seconds for which a file that belongs to nothing is not looked up again: a package may come around it later."""


class Trees:
    """The trees of one run.

    known: What was remembered of trees by the last run.
    now: Seconds since 1970.
    """

    def __init__(self, known: Mapping[str, TreeMemory], now: int, apart: Apart) -> None:
        """Apart looks up what is not remembered of trees that are not the host's own."""
        self.kept: dict[str, TreeMemory] = {}
        self._apart = apart
        self._known = dict(known)
        self._now = now

    def owners(
        self,
        name: str,
        root: HostRoot,
        files: Mapping[str, bool],
        report: Callable[[Gap], None],
        packages: Collection[str] = (),
    ) -> Ownership:
        """Give the packages of files, each with whether it is a program that ran.

        name: What tells the tree from others whose databases are the same; host for the host's own.
        packages: Keys of packages of which it is asked, too, what they are; what is installed no more is not given.
        """
        databases = present(root, report) if name == HOST else present(root, report, IN_CONTAINERS)
        identity = _identity(name, root, databases)
        memory = self._valid(identity, root)
        unknown = {path: ran for path, ran in files.items() if path not in memory.files}
        forgotten = {key for key in packages if key not in memory.packages and not key.startswith("/")}
        if unknown or forgotten:
            try:
                if name == HOST:
                    found = ownership(root, databases, unknown, report, forgotten)
                else:
                    found = self._apart.ownership(root, unknown, forgotten, report)
                memory = _joined(memory, root, found)
            except Unsettled as error:
                report(Gap("package databases", "changed", str(error), ""))
        if identity:
            self.kept[identity] = self._known[identity] = memory
        return Ownership(memory.files, memory.packages)

    def _valid(self, identity: str | None, root: HostRoot) -> TreeMemory:
        """Give what is remembered of a tree and still holds."""
        memory = self._known.get(identity) if identity else None
        if memory is None:
            return TreeMemory(self._now, {}, {}, {})
        others = {key for key, mark in memory.marks.items() if look_at(root, memory.packages[key].location) != mark}
        is_over = not 0 <= self._now - memory.looked_at < _HOLDS
        files = {
            path: found
            for path, found in memory.files.items()
            if (found or not (is_over and language(path))) and others.isdisjoint(each.package for each in found)
        }
        looked_at = self._now if is_over else memory.looked_at
        return TreeMemory(looked_at, files, memory.packages, memory.marks)


def _identity(name: str, root: HostRoot, databases: Iterable[Database]) -> str | None:
    """Name a tree after what its databases are; None while one of them is being changed, or nothing tells."""
    stamps = [stamp(root, database, database.NAME) for database in databases if database.STATE]
    if None in stamps:
        return None
    return str(sha256(repr((name, stamps)).encode("utf-8", "surrogateescape")).hexdigest())


def _joined(memory: TreeMemory, root: HostRoot, found: Ownership) -> TreeMemory:
    marks = {
        key: mark
        for key, package in found.packages.items()
        if package.location and (mark := look_at(root, package.location))
    }
    return TreeMemory(
        memory.looked_at,
        {**memory.files, **found.files},
        {**memory.packages, **found.packages},
        {**memory.marks, **marks},
    )


def look_at(root: HostRoot, location: str | None) -> Mark | None:
    """Look at the file that describes a package; None where it is gone."""
    try:
        status = root.stat((location or "").partition("!/")[0])
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
