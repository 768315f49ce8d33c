"""The package databases that are read: a module here for each, loaded when a root has its mark."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agent.databases.distribution import Distribution
    from agent.host import Host
    from agent.host.root import HostRoot
    from agent.model.records import Gap, Package


class Asked(NamedTuple):
    """What a database module is told beside the host.

    distribution: Distribution of the root.
    licenses: Whether licences are asked for.
    origins: Whether it is asked for who built a package.
    """

    distribution: Distribution
    licenses: bool
    origins: bool


class Owned(NamedTuple):
    """Files of one package, as its database lists them, perhaps one part of them.

    owner: Key of the package's record.
    paths: Absolute paths below the root, perhaps by links that merged directories left behind (see
        agent.databases.merged), without those of directories where the database tells them apart.
    directories: Directories that are its own whole, with all that is below them; each ends with a slash.
    """

    owner: str
    paths: Iterable[str]
    directories: tuple[str, ...] = ()


class Shipped(NamedTuple):
    """A file as its package shipped it.

    path: Absolute path below the root, as in Owned.
    owner: Key of the package's record.
    digest: Algorithm and hexadecimal digest, sha256:..., md5:... or sha1:...; None where the database has none.
    configuration: Whether the package means it to be edited (conffile, %config).
    """

    path: str
    owner: str
    digest: str | None
    configuration: bool


class Database(Protocol):
    """What the module of a package database has.

    NAME: Name of the package manager, Package.manager of all that it lists.
    READS: Globs of all that it reads.
    STATE: Globs of files and directories of which at least one has another inode, size, mtime or ctime
        whenever the answer of packages is another one; empty where nothing tells that, so that it is always read.
    """

    NAME: str
    READS: tuple[str, ...]
    STATE: tuple[str, ...]

    def present(self, root: HostRoot) -> bool:
        """Tell whether the root has such a database or signs that it should; OSError when that cannot be seen."""
        ...

    def packages(self, host: Host, asked: Asked) -> Iterator[Package | Gap]:
        """Give what it lists; where a key comes twice, the later record counts. Foreseen failures are gaps.

        Unsettled is raised when the package manager is changing it.
        """
        ...

    def owned(self, root: HostRoot) -> Iterator[Owned | Gap]:
        """Give the files of every package, cheaply; a gap hides nothing, for only owners are missing."""
        ...

    def shipped(self, root: HostRoot) -> Iterator[Shipped | Gap]:
        """Give every file and link, and directories that one package alone has, with the digest that the package shipped it with.

        A gap hides something where owners of files are not known for it, which files cannot be told; nothing where
        only digests are missing. Unsettled as in packages.
        """
        ...

    def at_work(self, host: Host) -> bool:
        """Tell whether the package manager is changing the host right now, as far as that can be seen; OSError, LimitReached."""
        ...


MARKS = {
    "dpkg": ("/var/lib/dpkg",),
    "rpm": ("/var/lib/rpm", "/usr/lib/sysimage/rpm", "/usr/share/rpm"),
    "apk": ("/lib/apk/db", "/usr/lib/apk/db"),
    "pacman": ("/var/lib/pacman/local",),
    "snap": ("/var/lib/snapd",),
    "flatpak": ("/var/lib/flatpak", "/usr/bin/flatpak"),
}
"""Directories of which a root has one at least where it may have the database; a module's name first."""


def load(name: str) -> Database:
    """Give the module of a database."""
    return cast("Database", import_module(f"{__name__}.{name}"))
