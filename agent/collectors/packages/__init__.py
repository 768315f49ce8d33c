"""The section packages: what the package databases list, and what lies on the file systems beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.collectors.packages import facts, languages
from agent.collectors.packages.databases import MARKS, Asked, load
from agent.collectors.packages.distribution import READS, distribution
from agent.host.errors import LimitReached, gap
from agent.model.parts import EXECUTABLES
from agent.model.records import Gap, Package, PackageDatabase
from agent.model.spec import ROOT, Spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.collectors.packages.databases import Database
    from agent.host import Host
    from agent.host.root import HostRoot
    from agent.model.records import Record
    from agent.model.spec import Options


EVERYTHING = "/**"
"""What the walk over the file tree reads; databases and facts declare exactly what they read, too."""


def _reads() -> tuple[str, ...]:
    databases = (path for name in MARKS for path in (*MARKS[name], *load(name).READS))
    return (EVERYTHING, *READS, *databases, *facts.reads())


SPEC = Spec(
    summary="Packages of the system and of languages with source, licence, owner and package URL, and programs that nobody owns",
    every=3600,
    needs=frozenset((ROOT,)),
    reads=_reads,
    memory=64,
    seconds=120,
)


def collect(host: Host, options: Options) -> Iterator[Record]:
    """Give what every database of the root lists, the facts around it, and what a walk finds beside it.

    A root without any database is a gap. Unsettled is raised when a package manager is at work. Where a key comes
    twice, the later record counts.
    """
    databases, unseen = _present(host.root, options)
    yield from unseen
    if not databases and not unseen and any(map(options.asks_for, MARKS)):
        yield Gap("package databases", "absent", "the root has no package database that stocktake reads", "")
    found, unread = distribution(host.root)
    if unread and databases:
        yield unread
    asked = Asked(found, options.asks_for("licenses"), options.asks_for("origins"))
    for database in databases:
        if options.asks_for(database.NAME):
            yield from _listed(database, host, asked)
    for module in facts.asked_for(options):
        yield from module.facts(host, found)
    yield from _walked(host, databases, options)


def _present(root: HostRoot, options: Options) -> tuple[list[Database], list[Gap]]:
    """Give the databases that are asked for; all, where it is asked for what none of them owns."""
    databases = []
    unseen = []
    for name, marks in MARKS.items():
        try:
            if (options.asks_for(name) or options.asks_for(EXECUTABLES)) and any(map(root.exists, marks)):
                database = load(name)
                if database.present(root):
                    databases.append(database)
        except (OSError, LimitReached) as error:
            unseen.append(gap(f"{name} database", error, f"{name}/"))
    return databases, unseen


def _listed(database: Database, host: Host, asked: Asked) -> Iterator[Record]:
    """Give the packages that a database lists, then the database itself."""
    keys = set()
    for record in database.packages(host, asked):
        if isinstance(record, Package):
            keys.add(record.key)
        yield record
    yield PackageDatabase(database.NAME, len(keys), None)


def _walked(host: Host, databases: list[Database], options: Options) -> Iterator[Record]:
    """Walk over the file tree if anything is asked for that only a walk finds."""
    named = languages.asked_for(options.parts)
    programs = options.asks_for(EXECUTABLES)
    if not named and not programs:
        return
    from agent.collectors.packages.shown import Parsers  # noqa: PLC0415 - only who walks pays for it
    from agent.collectors.packages.software import Software  # noqa: PLC0415

    parsers = Parsers.named(named, programs)
    software = Software(host.root, databases, parsers, licenses=options.asks_for("licenses"), programs=programs)
    yield from software.records()
