"""The package databases that are read: a module here for each, named in DATABASES."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from agent.collectors.packages import dpkg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.collectors.packages.distribution import Distribution
    from agent.host import Host
    from agent.host.root import HostRoot
    from agent.model.records import Gap, Package


class Database(Protocol):
    """What the module of a package database has.

    NAME: Name of the package manager, Package.manager of all that it lists.
    READS: Globs of all that it reads.
    """

    NAME: str
    READS: tuple[str, ...]

    def present(self, root: HostRoot) -> bool:
        """Tell whether the root has such a database or signs that it should; OSError when that cannot be seen."""
        ...

    def packages(self, host: Host, distribution: Distribution) -> Iterator[Package | Gap]:
        """Give what it lists; where a key comes twice, the later record counts. Foreseen failures are gaps.

        Unsettled is raised when the package manager is changing it.
        """
        ...


DATABASES: tuple[Database, ...] = (dpkg,)
