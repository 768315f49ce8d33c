"""Packages of pacman (Arch): its local database, one directory of files for each package."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.databases import Owned, Shipped
from agent.databases.at_work import changed_lately
from agent.databases.directories import Directories
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
_EVERY = "/"
"""What gaps hide for which the owners of files are not known."""
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
    if at_work(host):
        raise Unsettled("pacman is at work: it has its lock, and changed its database within ten minutes")
    for found in _described(host.root, f"{NAME}/"):
        yield found if isinstance(found, Gap) else record_of(found.description, f"{found.folder}/desc", asked)
    if _mark(host.root) != before:
        raise Unsettled("pacman is at work: its database changed while it was read")


def owned(root: HostRoot) -> Iterator[Owned | Gap]:
    """Give the files of every package."""
    for found in _described(root, None):
        if isinstance(found, Gap):
            yield found
            continue
        listed = _read(root, f"{found.folder}/files")
        if isinstance(listed, Gap):
            yield listed
        else:
            yield Owned(key_of(found.description), [path for path in files(listed)[0] if not path.endswith("/")])


def shipped(root: HostRoot) -> Iterator[Shipped | Gap]:
    """Give every file with the digest that its package shipped it with; a link has none."""
    directories = Directories()
    for found in _described(root, _EVERY):
        yield from (found,) if isinstance(found, Gap) else _shipped(root, found, directories)
    yield from directories.shipped()


def at_work(host: Host) -> bool:
    """Tell whether pacman has its lock, a file that stays behind when it is killed, and changed its database lately."""
    return host.root.exists(LOCK) and changed_lately(host.root, (LOCAL,), _AT_WORK)


def _shipped(root: HostRoot, found: _Described, directories: Directories) -> Iterator[Shipped | Gap]:
    """Give the files of a package: mtree has the digests of regular ones, files the MD5 of those that are meant to be edited."""
    key = key_of(found.description)
    listed = _read(root, f"{found.folder}/files", hides=_EVERY)
    if isinstance(listed, Gap):
        yield listed
        return
    paths, configuration = files(listed)
    left = {path for path in paths if not path.endswith("/")}
    for path in paths:
        if path.endswith("/"):
            directories.add(path[:-1], key)
    for file in _digests(root, found):
        if isinstance(file, Gap):
            yield file
        elif file.path in left:
            left.remove(file.path)
            yield Shipped(file.path, key, file.digest, file.path in configuration)
    for path in sorted(left):
        md5 = configuration.get(path)
        yield Shipped(path, key, md5 and f"md5:{md5}", path in configuration)


def _digests(root: HostRoot, found: _Described) -> Iterator[mtree.File | Gap]:
    path = f"{found.folder}/mtree"
    content = _read(root, path)
    if isinstance(content, Gap):
        yield content
        return
    try:
        yield from mtree.files(content)
    except ValueError as error:
        yield gap(path, error, None)


def _described(root: HostRoot, hides: str | None) -> Iterator[_Described | Gap]:
    """Give the directory and description of every package, passing over names that are no package's, as pacman does.

    hides: What a gap hides, where it is not that of one package's record.
    """
    try:
        entries = root.names(LOCAL)
    except (OSError, LimitReached) as error:
        yield gap(LOCAL, error, hides)
        return
    for entry in entries:
        named = name_and_version(entry)
        if named:
            yield _describe(root, f"{LOCAL}/{entry}", named, f"{hides}{named[0]}:" if hides == f"{NAME}/" else hides)


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
