"""What one walk over the local file systems finds for all checks that ask about every file."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.sources import accounts
from agent.host.entry_budget import Budget
from agent.host.status_walk import StatusWalk
from agent.host.stops import REMOTE

if TYPE_CHECKING:
    from agent.checks.engine.system import System
    from agent.model.records import Gap

_BUDGET = Budget(entries=5_000_000, processor_seconds=60.0, seconds=240.0)
_KEPT = 10_000
"""Paths of one kind that are kept; more are counted."""
_REGULAR = 0o100000
_WRITABLE, _STICKY, _SET_ID, _EXECUTE = 0o002, 0o1000, 0o6000, 0o111
_IGNORED = ("/run/user/", "/var/lib/kubelet/plugins/")
"""Places of users and of volumes, mounted there or not, which are not judged."""


class Paths:
    """Paths of one kind, the first of them; count is of all."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.count = 0

    def add(self, path: str) -> None:
        """Note a path."""
        self.count += 1
        if len(self.paths) < _KEPT:
            self.paths.append(path)


class Found(NamedTuple):
    """What a walk found.

    writable_files: Regular files that everybody may write.
    writable_directories: Directories that everybody may write to, without the sticky bit.
    unowned, ungrouped: Files and directories whose user or group has no name.
    set_id: Programs that run with the rights of their owner or group.
    unseen: Why something was not seen; empty where all was.
    """

    writable_files: Paths
    writable_directories: Paths
    unowned: Paths
    ungrouped: Paths
    set_id: Paths
    unseen: tuple[str, ...]


def found(system: System) -> Found:
    """Walk over all local file systems once."""
    files, directories, unowned, ungrouped, set_id = (Paths() for _ in range(5))
    users = {user.uid for user in system.get(accounts.users)}
    groups = {group.gid for group in system.get(accounts.groups)}
    lost: list[Gap] = []
    with StatusWalk(system.root, _BUDGET, lost.append) as walk:
        for folder, name, status in walk.entries():
            mode = status.st_mode
            if mode & _WRITABLE:
                if mode & _REGULAR:
                    files.add(f"{folder}/{name}")
                elif not mode & _STICKY:
                    directories.add(f"{folder}/{name}")
            if mode & _SET_ID and mode & _REGULAR and mode & _EXECUTE:
                set_id.add(f"{folder}/{name}")
            if status.st_uid not in users:
                unowned.add(f"{folder}/{name}")
            if status.st_gid not in groups:
                ungrouped.add(f"{folder}/{name}")
        ended = (walk.ended,) if walk.ended else ()
    unseen = (*ended, *(f"{each.subject}: {each.reason}" for each in lost if each.reason != REMOTE))
    return Found(files, directories, unowned, ungrouped, set_id, unseen[:8])


def judged(paths: Paths) -> list[str]:
    """Give the paths that are judged, sorted."""
    return sorted(path for path in paths.paths if not path.startswith(_IGNORED))
