"""The record of a path: what the walk, its attributes, its content and its package tell of it."""

from __future__ import annotations

import os
import stat
import time
from typing import TYPE_CHECKING, NamedTuple

from agent.collectors.integrity.merge import stamp
from agent.formats.group import groups
from agent.formats.passwd import users
from agent.host.attributes import is_sparse
from agent.host.errors import LimitReached, gap
from agent.model.records import File

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from agent.host.attributes import Attributes
    from agent.host.root import HostRoot
    from agent.model.records import Gap

_TYPES = {
    stat.S_IFREG: "regular",
    stat.S_IFDIR: "directory",
    stat.S_IFLNK: "symlink",
    stat.S_IFIFO: "fifo",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "character_device",
    stat.S_IFBLK: "block_device",
}
_DEVICES = ("character_device", "block_device")
_TICK, _SECOND = 100_000_000, 1_000_000_000
"""Nanoseconds that a file must have rested, for one that is written to twice within a tick of its file system's clock keeps its
times: ten ticks of the slowest kernel, or where times are whole seconds two of these."""
AGAIN = frozenset(("changing", "budget", "unreadable", "vanished"))
"""Reasons for which content was not read that may be others next time."""


class Names(NamedTuple):
    """Names of users and groups by their numbers."""

    users: dict[int, str]
    groups: dict[int, str]


def names_of(root: HostRoot, report: Callable[[Gap], None]) -> Names:
    """Read the root's own users and groups; without them numbers are all that is known."""
    return Names(_read(root, "/etc/passwd", users, report), _read(root, "/etc/group", groups, report))


class Judged(NamedTuple):
    """What was found of a path's content, for its record.

    sha256, unread, owner, verdict, compared: As in File.
    """

    sha256: str | None = None
    unread: str | None = None
    owner: str | None = None
    verdict: str | None = None
    compared: str | None = None


def record(
    path: str, status: os.stat_result, attributes: Attributes, file_system: str | None, judged: Judged, names: Names
) -> File:
    """Give the record of a path."""
    kind = _TYPES.get(stat.S_IFMT(status.st_mode), "unknown")
    directory = kind == "directory"
    return File(
        path=path,
        type=kind,
        sha256=judged.sha256,
        unread=judged.unread,
        size=status.st_size if kind in ("regular", "symlink") else None,
        mode=f"{stat.S_IMODE(status.st_mode):04o}",
        uid=status.st_uid,
        gid=status.st_gid,
        user=names.users.get(status.st_uid),
        group=names.groups.get(status.st_gid),
        modified_at=None if directory else int(status.st_mtime),
        target=attributes.target,
        links=None if directory else status.st_nlink,
        device=f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}" if kind in _DEVICES else None,
        file_system=file_system,
        capabilities=attributes.capabilities,
        selinux=attributes.selinux,
        acl=attributes.acl,
        attributes=attributes.attributes,
        marks=tuple(_marks(kind, status)),
        owner=judged.owner,
        verdict=judged.verdict,
        compared=judged.compared,
        stamp=stamp_of(status, judged),
    )


def stamp_of(status: os.stat_result, judged: Judged) -> str:
    """Give the stamp; one that no status has where the path is to be looked at again in any case."""
    tick = _TICK if status.st_ctime_ns % _SECOND else 2 * _SECOND
    rested = max(status.st_mtime_ns, status.st_ctime_ns) < time.time_ns() - tick
    again = judged.unread in AGAIN or judged.verdict == "pending"
    return stamp(status).decode() if rested and not again else f"again:{status.st_ino}"


def _marks(kind: str, status: os.stat_result) -> Iterator[str]:
    mode = status.st_mode
    if mode & stat.S_ISUID:
        yield "setuid"
    if mode & stat.S_ISGID:
        yield "setgid"
    if mode & stat.S_IWOTH and not mode & stat.S_ISVTX and kind != "symlink":
        yield "world_writable"
    if is_sparse(status):
        yield "sparse"


def _read(
    root: HostRoot,
    path: str,
    parse: Callable[[Iterable[bytes]], Iterator[tuple[int, str]]],
    report: Callable[[Gap], None],
) -> dict[int, str]:
    found: dict[int, str] = {}
    try:
        for number, name in parse(root.lines(path)):
            found.setdefault(number, name)
    except FileNotFoundError:
        pass
    except (OSError, LimitReached) as error:
        report(gap(path, error, None))
    return found
