"""The section packages: what the package databases list, each read by a module here (see databases)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.collectors.packages.databases import DATABASES
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

SPEC = Spec(
    summary="Packages that the package databases list, with source package and package URL",
    every=3600,
    needs=frozenset((ROOT,)),
    reads=READS + tuple(path for database in DATABASES for path in database.READS),
    memory=64,
    seconds=20,
)


def collect(host: Host, options: Options) -> Iterator[Record]:  # noqa: ARG001
    """Give the packages of every database that the root has; a root without any is a gap.

    Unsettled is raised when a package manager is at work. Where a key comes twice, the later record counts.
    """
    databases, unseen = _present(host.root)
    yield from unseen
    if databases:
        yield from _packages(host, databases)
    elif not unseen:
        yield Gap("package databases", "absent", "the root has no package database that stocktake reads", "")


def _present(root: HostRoot) -> tuple[list[Database], list[Gap]]:
    databases = []
    unseen = []
    for database in DATABASES:
        try:
            if database.present(root):
                databases.append(database)
        except (OSError, LimitReached) as error:
            unseen.append(gap(f"{database.NAME} database", error, f"{database.NAME}/"))
    return databases, unseen


def _packages(host: Host, databases: list[Database]) -> Iterator[Record]:
    found, unread = distribution(host.root)
    if unread:
        yield unread
    for database in databases:
        yield from database.packages(host, found)
