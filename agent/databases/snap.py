"""Snaps: which revisions snapd has is in its state; their versions and licences are in the snaps themselves.

snapd puts a new state in place by rename (overlord/state), so that an open one never changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.databases.snap_meta import READS as _META
from agent.databases.snap_meta import SNAPS, Metas
from agent.databases.snap_package import MANAGER, key_of, record_of
from agent.formats.snap_state import snaps
from agent.formats.squashfs_image import Unsupported
from agent.host.errors import LimitReached, gap
from agent.model.records import Gap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.databases import Asked, Owned, Shipped
    from agent.formats.snap_state import Snap
    from agent.host import Host
    from agent.host.root import HostRoot
    from agent.model.records import Package

NAME = MANAGER
STATE_FILE = "/var/lib/snapd/state.json"
READS = (STATE_FILE, SNAPS, *_META)
STATE = (STATE_FILE,)

_STATE_LIMIT = 16 * 1024 * 1024
"""Bytes; the largest that were seen have 2 MB, most of it about changes of the last days."""


def present(root: HostRoot) -> bool:
    """Tell whether snapd ran, or left snaps behind."""
    if root.exists(STATE_FILE):
        return True
    try:
        return any(name.endswith(".snap") for name in root.names(SNAPS))
    except (FileNotFoundError, NotADirectoryError):
        return False


def packages(host: Host, asked: Asked) -> Iterator[Package | Gap]:
    """Give every revision of every snap that is there, those too that are kept to go back to or are disabled."""
    try:
        found = list(snaps(host.root.read(STATE_FILE, _STATE_LIMIT)))
    except (OSError, LimitReached, ValueError) as error:
        yield gap(STATE_FILE, error, f"{NAME}/")
        return
    with Metas(host.root) as metas:
        for snap in found:
            if isinstance(snap, str):
                yield _broken(snap)
            else:
                yield from _records(snap, metas, asked)


def owned(root: HostRoot) -> Iterator[Owned | Gap]:  # noqa: ARG001
    """Give nothing: where snaps are mounted there is nothing else, and nobody walks there."""
    return iter(())


def shipped(root: HostRoot) -> Iterator[Shipped | Gap]:  # noqa: ARG001
    """Give nothing: what is in a snap cannot be changed."""
    return iter(())


def at_work(host: Host) -> bool:  # noqa: ARG001
    """Tell that it is not: what it changes belongs to nobody else."""
    return False


def _records(snap: Snap, metas: Metas, asked: Asked) -> Iterator[Package | Gap]:
    meta: dict[str, str] = {}
    subject = f"{key_of(snap)}: version"
    try:
        meta = metas.meta_of(snap)
    except Unsupported as error:
        yield Gap(subject, "unsupported", str(error), None)
    except (OSError, LimitReached, ValueError) as error:
        yield gap(subject, error, None)
    yield record_of(snap, meta, metas.installed_at(snap), STATE_FILE, asked)


def _broken(name: str) -> Gap:
    if not name:
        return Gap(f"{STATE_FILE}: snaps without a name", "malformed", "they are named as no snap can be", f"{NAME}/")
    key = f"{NAME}/{name}:"
    return Gap(key, "malformed", "its state does not say which revision is the current one", key)
