"""Packages of apk (Alpine, Wolfi, OpenWrt): the file installed of lib/apk/db or usr/lib/apk/db.

apk puts a new file in place by rename at the end of each transaction (src/database.c,
apk_db_write_layers), so that an open one never changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.databases import Owned, Shipped
from agent.databases.apk_package import MANAGER, key_of, records_of
from agent.databases.directories import Directories
from agent.databases.locks import FLOCK, write_locked
from agent.formats.apk import CutOff, entries, files, folders, paths
from agent.host.errors import LimitReached, Unsettled, gap
from agent.model.records import Gap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.databases import Asked
    from agent.formats.apk import Entry
    from agent.host import Host
    from agent.host.root import HostRoot
    from agent.model.records import Package

NAME = MANAGER
_FOLDERS = ("/lib/apk/db", "/usr/lib/apk/db")
"""The second where /lib is merged into /usr; where both exist and differ, what it lists counts."""
_INSTALLED = tuple(f"{folder}/installed" for folder in _FOLDERS)
_SIGNS = tuple(f"{folder}/{name}" for folder in _FOLDERS for name in ("installed", "scripts.tar", "triggers"))
LOCKS = ("/run/apk/db.lock", "/lib/apk/db/lock")
"""That of apk 3 and that of apk 2, under flock(2) throughout a transaction."""
READS = (*_SIGNS, *LOCKS, "/proc/locks")
STATE = _INSTALLED

_PIECE = 128 * 1024
_EVERY = "/"
"""What gaps hide for which the owners of files are not known."""


def present(root: HostRoot) -> bool:
    """Tell whether there is a database, or are files that lie beside one."""
    return any(map(root.exists, _SIGNS))


def packages(host: Host, asked: Asked) -> Iterator[Package | Gap]:
    """Give the installed packages. Unsettled is raised while apk changes files of which its database does not know yet."""
    if at_work(host):
        raise Unsettled("apk is at work: it holds the lock of its database")
    for path in _databases(host.root):
        nameless = False
        for entry in _entries(host.root, path, f"{NAME}/"):
            if isinstance(entry, Gap):
                yield entry
            elif entry.name:
                yield from records_of(entry, path, asked)
            elif not nameless:
                nameless = True
                yield Gap(f"{path}: entries without a name", "malformed", "they name no package", f"{NAME}/")


def owned(root: HostRoot) -> Iterator[Owned | Gap]:
    """Give the files of every package."""
    for path in _databases(root):
        for entry in _entries(root, path, None):
            if isinstance(entry, Gap):
                yield entry
            elif entry.name:
                yield Owned(key_of(entry), paths(entry))


def shipped(root: HostRoot) -> Iterator[Shipped | Gap]:
    """Give every file with the digest that its package shipped it with; a link has none."""
    directories = Directories()
    for path in _databases(root):
        for entry in _entries(root, path, _EVERY):
            if isinstance(entry, Gap):
                yield entry
            elif not entry.name:
                yield Gap(f"{path}: entries without a name", "malformed", "they name no package", _EVERY)
            else:
                key = key_of(entry)
                yield from (Shipped(file.path, key, file.digest, _protected(file.path)) for file in files(entry))
                for directory in folders(entry):
                    directories.add(directory, key)
    yield from directories.shipped()


def at_work(host: Host) -> bool:
    """Tell whether apk has its lock, which the kernel takes back when it ends."""
    return write_locked(host, LOCKS, FLOCK)


def _databases(root: HostRoot) -> list[str]:
    """Give the paths of the databases, one where both lead to the same file; the first where there is none."""
    seen: dict[object, str] = {}
    for path in _INSTALLED:
        try:
            status = root.stat(path)
        except FileNotFoundError:
            continue
        except OSError:
            seen[path] = path  # reading it says why
            continue
        seen.setdefault((status.st_dev, status.st_ino), path)
    return list(seen.values()) or [_INSTALLED[0]]


def _entries(root: HostRoot, path: str, hides: str | None) -> Iterator[Entry | Gap]:
    """Give the entries of a database, and a gap where it cannot be read on."""
    try:
        with root.open(path) as reader:
            yield from entries(iter(lambda: reader.read1(_PIECE), b""))
    except (OSError, LimitReached, CutOff) as error:
        yield gap(path, error, hides)


def _protected(path: str) -> bool:
    """Tell whether apk leaves a file alone that was changed: etc, without init.d (src/database.c, apk_db_open)."""
    return path.startswith("/etc/") and not path.startswith("/etc/init.d/")
