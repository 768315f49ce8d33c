"""Packages of rpm: its database in SQLite, ndb or Berkeley DB, read while nobody writes to it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from agent.databases import Owned, Shipped
from agent.databases.at_work import changed_lately
from agent.databases.locks import POSIX, write_locked
from agent.databases.rpm_database import BERKELEY, DIRECTORIES, LOG, NDB, SQLITE
from agent.databases.rpm_entries import each
from agent.databases.rpm_keys import MANAGER
from agent.databases.rpm_package import Context, package_of
from agent.formats.rpm_files import files, paths
from agent.host.errors import Unsettled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.databases import Asked
    from agent.databases.rpm_entries import Entry
    from agent.formats.license import License
    from agent.host import Host
    from agent.host.root import HostRoot
    from agent.model.records import Gap, Package

NAME = MANAGER
_FILES = tuple(f"{folder}/{name}" for folder in DIRECTORIES for name in (SQLITE, f"{SQLITE}{LOG}", NDB, BERKELEY))
_SIGNS = tuple(f"{folder}/{name}" for folder in DIRECTORIES for name in ("Name", "Index.db", f"{SQLITE}-shm"))
"""What lies beside a database, which therefore should be there."""
LOCKS = tuple(f"{folder}/.rpm.lock" for folder in DIRECTORIES)
"""rpm locks it throughout a transaction."""
READS = (*_FILES, *_SIGNS, *LOCKS, "/proc/locks")
STATE = _FILES

_PART = 4096
"""Paths that are given at a time."""


def present(root: HostRoot) -> bool:
    """Tell whether there is a database, or are files that lie beside one."""
    return any(map(root.exists, (*_FILES, *_SIGNS)))


def packages(host: Host, asked: Asked) -> Iterator[Package | Gap]:
    """Give the installed packages; Unsettled is raised while a transaction changes them."""
    licenses: dict[str, License] = {}

    def give(entry: Entry, location: str) -> Iterator[Package]:
        yield package_of(entry, Context(location, asked, licenses))

    _require_at_rest(host)
    yield from each(host.root, give, f"{NAME}/")
    _require_at_rest(host)


def owned(root: HostRoot) -> Iterator[Owned | Gap]:
    """Give the files of every package. Unsettled is raised where the database changes meanwhile."""
    return each(root, _owned, None)


def shipped(root: HostRoot) -> Iterator[Shipped | Gap]:
    """Give every file with the digest that its package shipped it with; a link has none. Unsettled as in owned."""
    return each(root, _shipped, "/")


def at_work(host: Host) -> bool:
    """Tell whether rpm has its lock, which may also be another file's of the same inode, and changed its database lately."""
    return write_locked(host, LOCKS, POSIX) and changed_lately(host.root, _FILES)


def _owned(entry: Entry, _: str) -> Iterator[Owned]:
    rest = paths(entry.header)
    while part := list(islice(rest, _PART)):
        yield Owned(entry.key, part)


def _shipped(entry: Entry, _: str) -> Iterator[Shipped]:
    return (Shipped(file.path, entry.key, file.digest, file.configuration) for file in files(entry.header))


def _require_at_rest(host: Host) -> None:
    if at_work(host):
        raise Unsettled("rpm is at work: it holds the lock of its database")
