"""Applications and runtimes of flatpak, of the system and of users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.databases import Owned
from agent.databases.flatpak_package import MANAGER, key_of, record_of
from agent.databases.flatpak_search import READS as _SEARCHED
from agent.databases.flatpak_search import SYSTEM, references
from agent.formats.flatpak import deployment
from agent.host.errors import LimitReached, gap
from agent.model.records import Gap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.databases import Asked, Shipped
    from agent.databases.flatpak_package import Reference
    from agent.host import Host
    from agent.host.root import HostRoot
    from agent.model.records import Package

NAME = MANAGER
READS = _SEARCHED
STATE: tuple[str, ...] = ()
"""Nothing says whether anything has changed: homes may be remote, so that a look at their files is not for everybody."""

_SIGNS = (f"{SYSTEM}/app", f"{SYSTEM}/runtime", "/usr/bin/flatpak")
_DEPLOY_LIMIT = 4 * 1024 * 1024


def present(root: HostRoot) -> bool:
    """Tell whether anything was installed for the system, or anybody has the program to install something."""
    return any(map(root.exists, _SIGNS))


def packages(host: Host, asked: Asked) -> Iterator[Package | Gap]:
    """Give what is installed. flatpak puts the link active in place by rename, and what it leads to does not change."""
    for found in references(host.root, f"{NAME}/"):
        yield found if isinstance(found, Gap) else _record(host.root, found, asked)


def owned(root: HostRoot) -> Iterator[Owned | Gap]:
    """Give the directory of all that is installed, which is its own whole."""
    for found in references(root, None):
        yield found if isinstance(found, Gap) else Owned(key_of(found), (), (f"{found.folder}/",))


def shipped(root: HostRoot) -> Iterator[Shipped | Gap]:  # noqa: ARG001
    """Give nothing: what is installed are hard links of a repository of ostree, which alone knows digests."""
    return iter(())


def at_work(host: Host) -> bool:  # noqa: ARG001
    """Tell that it is not: what it changes belongs to nobody else."""
    return False


def _record(root: HostRoot, found: Reference, asked: Asked) -> Package | Gap:
    path = f"{found.folder}/{found.commit}/deploy"
    try:
        installed_at = int(root.stat(path, follow=False).st_mtime)
        return record_of(found, deployment(root.read(path, _DEPLOY_LIMIT)), path, installed_at, asked)
    except (OSError, LimitReached, ValueError) as error:
        return gap(path, error, key_of(found))
