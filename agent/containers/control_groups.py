"""Where control groups are seen as directories, so that a new container is a new directory (cgroups(7))."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.formats.cgroup import OTHER_NAMES, RUNTIME_ID

if TYPE_CHECKING:
    from collections.abc import Callable

_TOP = "/sys/fs/cgroup"
READS = (f"{_TOP}/cgroup.controllers",)
_HIERARCHIES = (f"{_TOP}/pids", f"{_TOP}/systemd", f"{_TOP}/unified")
"""Of version 1 those that have all that the others have, and few files: runtimes are in the first, nspawn in the second."""
CONTAINERS = "|".join((RUNTIME_ID, *OTHER_NAMES))
"""What names of directories match that are those of containers."""


def control_groups(exists: Callable[[str], bool]) -> tuple[str, ...]:
    """Give the directories below which the groups of all containers are, as paths below the root.

    exists: Tells whether a path below the root is there; OSError where that cannot be seen.
    """
    try:
        return (_TOP,) if exists(READS[0]) else _HIERARCHIES
    except OSError:
        return _HIERARCHIES
