"""Which packages files belong to, those of the operating system and those of languages, and what these are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.databases import MARKS, Asked, load
from agent.databases.distribution import distribution
from agent.databases.owners import owners
from agent.host import Host
from agent.host.errors import LimitReached, gap
from agent.inventory.belonging.belongings import Belongings
from agent.inventory.belonging.python import source_of
from agent.inventory.belonging.tree import Tree
from agent.model.records import Package

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from agent.databases import Database
    from agent.host.root import HostRoot
    from agent.model.records import Gap, LanguagePackage


class Known(NamedTuple):
    """What a package is.

    name: Its name.
    version: Its version; None where it says none.
    location: File that says so; None for a package of the operating system.
    """

    name: str
    version: str | None
    location: str | None


class Belonging(NamedTuple):
    """That a file belongs to a package.

    package: Key of its record in the section packages.
    through: As in agent.inventory.belonging.Part.
    """

    package: str
    through: str | None


class Ownership(NamedTuple):
    """What was found.

    files: The packages of each file, none for one that belongs to none.
    packages: What each of them is, by key.
    """

    files: dict[str, tuple[Belonging, ...]]
    packages: dict[str, Known]


def ownership(
    root: HostRoot,
    databases: Sequence[Database],
    files: Mapping[str, bool],
    report: Callable[[Gap], None],
    packages: Collection[str] = (),
) -> Ownership:
    """Look files up; what could not be read is a gap whose hides is the path of what may be missing for it.

    A file of a package of a language that a package of the operating system ships belongs to both.
    files: Absolute paths below the root, without links; whether each is a program that ran.
    packages: Keys of packages of the operating system of which it is asked what they are, beside those of the files.
    """
    belongings = Belongings(Tree(root, report))
    parts = {path: tuple(belongings.parts(path, executed)) for path, executed in files.items()}
    unlisted = {path: tuple(belongings.unlisted(path)) for path in files}
    sources = map(source_of, files)  # what was compiled where it was installed is in no list
    asked = {*files, *sources, *(package.location for around in unlisted.values() for package in around)}
    owned = owners(databases, root, asked, report)
    found: dict[str, tuple[Belonging, ...]] = {}
    known: dict[str, Known] = {}
    for path in files:
        belonging: dict[str, str | None] = {}
        owner = owned.get(path) or owned.get(source_of(path))
        if owner:
            belonging[owner] = None
        for package, through in parts[path]:
            belonging[package.key] = through
            known[package.key] = _known(package)
        for package in unlisted[path] if owner else ():
            if owned.get(package.location) == owner:
                belonging.setdefault(package.key, None)
                known[package.key] = _known(package)
        found[path] = tuple(map(Belonging._make, belonging.items()))
    known.update(_of_databases(root, databases, {*owned.values(), *packages}, report))
    return Ownership(found, known)


IN_CONTAINERS = ("dpkg", "rpm", "apk", "pacman")
"""The package databases that containers have; snaps and flatpaks are the host's."""


def present(root: HostRoot, report: Callable[[Gap], None], names: Collection[str] = tuple(MARKS)) -> list[Database]:
    """Give the package databases of a root; those that cannot be looked for are gaps that hide all that they list."""
    found = []
    for name, marks in MARKS.items():
        try:
            if name in names and any(map(root.exists, marks)):
                database = load(name)
                if database.present(root):
                    found.append(database)
        except (OSError, LimitReached) as error:
            report(gap(f"{name} database", error, f"{name}/"))
    return found


def _known(package: LanguagePackage) -> Known:
    return Known(package.name, package.version, package.location)


def _of_databases(
    root: HostRoot, databases: Sequence[Database], keys: Collection[str], report: Callable[[Gap], None]
) -> Iterator[tuple[str, Known]]:
    """Give name and version of packages of the operating system."""
    if not keys:
        return
    asked = Asked(distribution(root)[0], licenses=False, origins=False)
    for database in databases:
        for record in database.packages(Host(root, None), asked):
            if not isinstance(record, Package):
                report(record)
            elif record.key in keys:
                yield record.key, Known(record.name, record.version, None)
