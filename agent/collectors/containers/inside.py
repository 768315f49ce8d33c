"""Reads the software of one container in a process of its own, which can reach nothing but that container's tree.

What it finds it says in lines of JSON, which its parent takes for hostile: by then the process may be the container's.
"""

from __future__ import annotations

import json
from importlib import import_module
from pkgutil import walk_packages
from typing import TYPE_CHECKING, NamedTuple

from agent.collectors.containers.origin import Origin
from agent.databases import MARKS, Asked
from agent.databases import load as load_database
from agent.databases.distribution import distribution
from agent.host import Host
from agent.host.errors import LimitReached, Unsettled, gap
from agent.host.fixed_mounts import FixedMounts
from agent.host.root import HostRoot
from agent.host.walk import Budget
from agent.inventory.shown import Parsers
from agent.inventory.software import Software
from agent.model.parts import LANGUAGES
from agent.model.records import Gap, LanguagePackage, Package

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from agent.databases import Database

PACKAGES = 50_000
"""Packages that a container may have; the largest images have some 5,000."""
BUDGET = Budget(entries=1_000_000, bytes_read=2 * 1024 * 1024 * 1024, processor_seconds=15.0, seconds=150.0)
_TOGETHER = 64
"""Packages that one line tells of, which a reader of lines has to take in whole."""
_NOT_THERE = "config-files"
"""Status of what dpkg removed but for its configuration."""


class Request(NamedTuple):
    """What is to be read. The descriptors of the trees come with it: the root, and those of the layers that are there.

    points: Mount points below the root.
    databases: Package databases that were changed over the image, by the paths of their files.
    is_layered: Whether changes are known: then the second descriptor is of the layer that they went to.
    has_below: Whether the last descriptor is of the layer below that has the databases.
    budget: What the walk may cost.
    """

    points: tuple[str, ...] = ()
    databases: tuple[str, ...] = ()
    is_layered: bool = False
    has_below: bool = False
    budget: Budget = BUDGET


def load() -> None:
    """Load all code that reading may need: later its files are out of reach."""
    for package in ("agent.databases", "agent.inventory", "agent.formats", "agent.host"):
        found = import_module(package)
        for module in walk_packages(found.__path__, f"{package}."):
            import_module(module.name)
    for encoding in ("ascii", "latin-1", "utf-16", "cp437", "idna"):
        "".encode(encoding)


def read(trees: Sequence[int], words: bytes) -> Iterator[bytes]:
    """Give what the trees hold as lines: what it is, then its packages and gaps, and at last that this was all."""
    points, databases, is_layered, has_below, budget = json.loads(words)
    request = Request(tuple(points), tuple(databases), is_layered, has_below, Budget(*budget))
    root, *layers = (HostRoot(f"/proc/self/fd/{fd}") for fd in trees)
    origin = Origin(layers, request.databases, request.is_layered, request.has_below)
    yield from _lines(root, request, origin)


def _lines(root: HostRoot, request: Request, origin: Origin) -> Iterator[bytes]:
    found, unread = distribution(root)
    databases, gaps = _present(root)
    yield _line("distribution", found.id, _version(found.id, found.release), [each.NAME for each in databases])
    yield from map(_gap, (*gaps, *((unread,) if unread else ())))
    packages = Packages(origin)
    for record in _records(root, databases, Asked(found, licenses=False, origins=False), request):
        if isinstance(record, Gap):
            yield _gap(record)
        elif isinstance(record, (Package, LanguagePackage)):
            yield from packages.add(record)
            if packages.count > PACKAGES:
                yield _gap(Gap("packages", "limit", f"it has more than {PACKAGES} packages", ""))
                break
    yield from packages.rest()
    yield _line("end")


class Packages:
    """Writes packages, many to a line, which costs both sides half of what a line for each would.

    count: Packages so far.
    """

    def __init__(self, origin: Origin) -> None:
        self.count = 0
        self._origin = origin
        self._waiting: list[list[object]] = []

    def add(self, record: Package | LanguagePackage) -> Iterator[bytes]:
        """Take a package; give a line when there are enough."""
        self.count += 1
        if self.count <= PACKAGES:
            self._waiting.append(_package(record, self._origin))
        if len(self._waiting) >= _TOGETHER:
            yield from self.rest()

    def rest(self) -> Iterator[bytes]:
        """Give a line of those that wait."""
        if self._waiting:
            yield _line("packages", *self._waiting)
            self._waiting.clear()


def _version(name: str | None, release: str | None) -> str | None:
    return release.removeprefix(f"{name}-") if name and release and release != name else None


def _present(root: HostRoot) -> tuple[list[Database], list[Gap]]:
    databases = []
    gaps = []
    for name, marks in MARKS.items():
        try:
            if any(map(root.exists, marks)):
                database = load_database(name)
                if database.present(root):
                    databases.append(database)
        except (OSError, LimitReached) as error:
            gaps.append(gap(f"{name} database", error, f"{name}/"))
    return databases, gaps


def _records(root: HostRoot, databases: Sequence[Database], asked: Asked, request: Request) -> Iterator[object]:
    sound = []
    for database in databases:
        unread = yield from _listed(database, Host(root, None), asked)
        sound += [] if unread else [database]  # what takes too much to list takes too much to look for owners in
    software = Software(root, sound, Parsers.named(list(LANGUAGES), executables=False), tuple(LANGUAGES))
    yield from software.records(request.budget, FixedMounts(request.points))


def _listed(database: Database, host: Host, asked: Asked) -> Generator[object, None, bool]:
    """Give what a database lists, where a key comes twice the later record counting; tell at last whether that was cut off."""
    unread = False
    try:
        for record in database.packages(host, asked):
            unread |= isinstance(record, Gap) and record.hides is not None
            if not isinstance(record, Package) or record.status != _NOT_THERE:
                yield record
    except Unsettled as error:
        yield Gap(f"{database.NAME} database", "changed", str(error), f"{database.NAME}/")
    except MemoryError:
        unread = True
        detail = "it takes more memory to read than one container may"
        yield Gap(f"{database.NAME} database", "limit", detail, f"{database.NAME}/")
    return unread


def _package(record: Package | LanguagePackage, origin: Origin) -> list[object]:
    if isinstance(record, Package):
        about = [record.manager, record.name, record.version, record.architecture, record.source_name]
        about += [record.source_version, record.purl, None, None]
        return [record.key, *about, origin.is_added_to_database(record)]
    about = [
        record.ecosystem,
        record.name,
        record.version,
        None,
        None,
        None,
        record.purl,
        record.location,
        record.owner,
    ]
    return [record.key, *about, origin.is_added(record.location.partition("!/")[0])]


def _gap(unseen: Gap) -> bytes:
    return _line("gap", unseen.subject, unseen.reason, unseen.detail, unseen.hides)


def _line(*values: object) -> bytes:
    return json.dumps(values, separators=(",", ":")).encode() + b"\n"
