"""The section packages: what the package databases list, and what lies on the file systems beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.collectors.packages import facts
from agent.collectors.packages.kernel_packages import concerns_kernel, kernels_of_last
from agent.databases import MARKS, Asked, load
from agent.databases.distribution import READS, distribution
from agent.host.errors import LimitReached, gap
from agent.model.parts import EXECUTABLES, LANGUAGES, LICENSES
from agent.model.record import replace
from agent.model.records import Gap, Package, PackageDatabase
from agent.model.spec import ROOT, Spec, Unchanged

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from agent.databases import Database
    from agent.host import Host
    from agent.host.root import HostRoot
    from agent.model.records import Record
    from agent.model.spec import Options


EVERYTHING = "/**"
"""What the walk over the file tree reads; databases and facts declare exactly what they read, too."""


_WALK = "walk: "
"""What the subjects of a walk's gaps start with, so that they are carried over with what it found."""


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


def collect(host: Host, options: Options) -> Iterator[Record | Unchanged]:
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
    asked = Asked(found, options.asks_for(LICENSES), options.asks_for("origins"))
    kernels: list[Package] = []
    changed = False
    for database in databases:
        if options.asks_for(database.NAME):
            changed |= yield from _listed(database, host, asked, options, kernels)
    for module in facts.asked_for(options):
        yield from module.facts(host, facts.Known(found, kernels))
    if _asks_for_walk(options):
        yield from _walked(host, databases, options, changed)


def _asks_for_walk(options: Options) -> bool:
    return any(map(options.asks_for, (*LANGUAGES, EXECUTABLES)))


def _present(root: HostRoot, options: Options) -> tuple[list[Database], list[Gap]]:
    """Give the databases that are asked for; all, where it is asked for what they may own."""
    for_owners = _asks_for_walk(options)
    databases = []
    unseen = []
    for name, marks in MARKS.items():
        try:
            if (for_owners or options.asks_for(name)) and any(map(root.exists, marks)):
                database = load(name)
                if database.present(root):
                    databases.append(database)
        except (OSError, LimitReached) as error:
            unseen.append(gap(f"{name} database", error, f"{name}/"))
    return databases, unseen


def _listed(
    database: Database, host: Host, asked: Asked, options: Options, kernels: list[Package]
) -> Generator[Record | Unchanged, None, bool]:
    """Give the packages that a database lists, then the database itself; tell at last whether it may have changed.

    kernels: Takes the packages that concern kernels.
    """
    found = None
    if options.is_kept:
        from agent.collectors.packages.unchanged import is_unchanged  # noqa: PLC0415 - a scan keeps nothing
        from agent.databases.stamp import stamp  # noqa: PLC0415

        found = stamp(host.root, database, asked)
    if found and is_unchanged(options, database.NAME, found):
        kernels += kernels_of_last(options, database.NAME)
        yield Unchanged(f"{database.NAME}/")
        yield Unchanged(f"database/{database.NAME}")
        return False
    packages = gaps = 0
    for record in database.packages(host, asked):
        gaps += isinstance(record, Gap)
        if isinstance(record, Package):
            packages += 1
            if concerns_kernel(record):
                kernels.append(record)
        yield record
    yield PackageDatabase(database.NAME, packages, None if gaps else found)
    return bool(database.STATE)


def _walked(host: Host, databases: list[Database], options: Options, changed: bool) -> Iterator[Record | Unchanged]:
    """Walk over the file tree, unless that was done lately and no package manager has changed anything since."""
    parts = tuple(name for name in (LICENSES, *LANGUAGES, EXECUTABLES) if options.asks_for(name))
    if options.is_kept and not changed:
        from agent.collectors.packages.unchanged import walk_holds  # noqa: PLC0415

        if walk_holds(options, parts):
            yield from map(Unchanged, ("/", "walk", f"gap:{_WALK}"))
            return
    from agent.inventory.shown import Parsers  # noqa: PLC0415 - only who walks pays for it
    from agent.inventory.software import Software  # noqa: PLC0415

    parsers = Parsers.named([name for name in parts if name in LANGUAGES], EXECUTABLES in parts)
    for record in Software(host.root, databases, parsers, parts).records():
        yield replace(record, subject=_WALK + record.subject) if isinstance(record, Gap) else record
