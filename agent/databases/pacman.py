"""Packages of pacman (Arch): its local database, one directory of files for each package."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from agent.databases import Owned, Shipped
from agent.databases.pacman_package import MANAGER, key_of, record_of
from agent.formats import mtree
from agent.formats.pacman import Description, description, files, name_and_version
from agent.host.errors import LimitReached, Unsettled, gap
from agent.model.records import Gap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.databases import Asked
    from agent.host import Host
    from agent.host.root import HostRoot
    from agent.model.records import Package

NAME = MANAGER
LOCAL = "/var/lib/pacman/local"
LOCK = "/var/lib/pacman/db.lck"
READS: tuple[str, ...] = (LOCAL, LOCK, *(f"{LOCAL}/*/{name}" for name in ("desc", "files", "mtree")))
STATE = (LOCAL, f"{LOCAL}/*")

_DESC_LIMIT = 1024 * 1024
_FILES_LIMIT = 32 * 1024 * 1024
_AT_WORK = 600
"""Seconds within which pacman, as it installs, changes its database again; a lock that was left behind lasts longer."""


class _Described(NamedTuple):
    folder: str
    description: Description


def present(root: HostRoot) -> bool:
    """Tell whether there is a database; pacman writes its version into the directory when it makes it."""
    try:
        return bool(root.names(LOCAL))
    except (FileNotFoundError, NotADirectoryError):
        return False


def packages(host: Host, asked: Asked) -> Iterator[Package | Gap]:
    """Give the installed packages. Unsettled is raised when pacman is changing its database."""
    before = _mark(host.root)
    if host.root.exists(LOCK) and abs(time.time() - before[1] / 1e9) < _AT_WORK:
        raise Unsettled("pacman is at work: it has its lock, and changed its database within ten minutes")
    for found in _described(host.root, hiding=True):
        yield found if isinstance(found, Gap) else record_of(found.description, f"{found.folder}/desc", asked)
    if _mark(host.root) != before:
        raise Unsettled("pacman is at work: its database changed while it was read")


def owned(root: HostRoot) -> Iterator[Owned | Gap]:
    """Give the files of every package."""
    for found in _described(root, hiding=False):
        if isinstance(found, Gap):
            yield found
            continue
        listed = _read(root, f"{found.folder}/files")
        if isinstance(listed, Gap):
            yield listed
        else:
            yield Owned(key_of(found.description), [path for path in files(listed)[0] if not path.endswith("/")])


def shipped(root: HostRoot) -> Iterator[Shipped | Gap]:
    """Give every regular file with the digest that its package shipped it with."""
    for found in _described(root, hiding=False):
        yield from (found,) if isinstance(found, Gap) else _shipped(root, found)


def _shipped(root: HostRoot, found: _Described) -> Iterator[Shipped | Gap]:
    key = key_of(found.description)
    listed = _read(root, f"{found.folder}/files")
    if isinstance(listed, Gap):
        yield listed
    configuration = frozenset() if isinstance(listed, Gap) else files(listed)[1]
    path = f"{found.folder}/mtree"
    digests = _read(root, path)
    if isinstance(digests, Gap):
        yield digests
        return
    try:
        for file in mtree.files(digests):
            yield Shipped(file.path, key, file.digest, file.path in configuration)
    except ValueError as error:
        yield gap(path, error, None)


def _described(root: HostRoot, hiding: bool) -> Iterator[_Described | Gap]:
    """Give the directory and description of every package, passing over names that are no package's, as pacman does."""
    try:
        entries = root.names(LOCAL)
    except (OSError, LimitReached) as error:
        yield gap(LOCAL, error, f"{NAME}/" if hiding else None)
        return
    for entry in entries:
        named = name_and_version(entry)
        if named:
            yield _describe(root, f"{LOCAL}/{entry}", named, f"{NAME}/{named[0]}:" if hiding else None)


def _describe(root: HostRoot, folder: str, named: tuple[str, str], hides: str | None) -> _Described | Gap:
    content = _read(root, f"{folder}/desc", _DESC_LIMIT, hides)
    if isinstance(content, Gap):
        return content
    found = description(content)
    if (found.name, found.version) != named:
        return Gap(
            f"{folder}/desc", "malformed", "it does not describe the package that its directory is named for", hides
        )
    return _Described(folder, found)


def _read(root: HostRoot, path: str, limit: int = _FILES_LIMIT, hides: str | None = None) -> bytes | Gap:
    try:
        return root.read(path, limit)
    except (OSError, LimitReached) as error:
        return gap(path, error, hides)


def _mark(root: HostRoot) -> tuple[int, int, int]:
    """Look what the directory is: a package that comes or goes changes it."""
    status = root.stat(LOCAL)
    return status.st_ino, status.st_mtime_ns, status.st_ctime_ns
