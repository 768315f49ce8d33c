"""The section packages: what the package databases list, and what lies on the file systems beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.collectors.packages.databases import MARKS, Asked, load
from agent.collectors.packages.distribution import READS, distribution
from agent.host.errors import LimitReached, gap
from agent.model.records import Gap
from agent.model.spec import ROOT, Spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.collectors.packages.databases import Database
    from agent.host import Host
    from agent.host.root import HostRoot
    from agent.model.records import Record
    from agent.model.spec import Options


def _reads() -> tuple[str, ...]:
    return READS + tuple(path for name in MARKS for path in (*MARKS[name], *load(name).READS))


SPEC = Spec(
    summary="Packages that the package databases list, with source package and package URL",
    every=3600,
    needs=frozenset((ROOT,)),
    reads=_reads,
    memory=64,
    seconds=20,
)


def collect(host: Host, options: Options) -> Iterator[Record]:
    """Give the packages of every database that the root has; a root without any is a gap.

    Unsettled is raised when a package manager is at work. Where a key comes twice, the later record counts.
    """
    databases, unseen = _present(host.root, options)
    yield from unseen
    if databases:
        yield from _packages(host, databases, options)
    elif not unseen:
        yield Gap("package databases", "absent", "the root has no package database that stocktake reads", "")


def _present(root: HostRoot, options: Options) -> tuple[list[Database], list[Gap]]:
    databases = []
    unseen = []
    for name, marks in MARKS.items():
        try:
            if options.asks_for(name) and any(map(root.exists, marks)):
                database = load(name)
                if database.present(root):
                    databases.append(database)
        except (OSError, LimitReached) as error:
            unseen.append(gap(f"{name} database", error, f"{name}/"))
    return databases, unseen


def _packages(host: Host, databases: list[Database], options: Options) -> Iterator[Record]:
    found, unread = distribution(host.root)
    if unread:
        yield unread
    asked = Asked(found, options.asks_for("licenses"), options.asks_for("origins"))
    for database in databases:
        yield from database.packages(host, asked)
