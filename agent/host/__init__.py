"""The only code that touches the inspected machine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from agent.host.procfs import ProcFS
from agent.host.root import HostRoot
from agent.model.spec import PROC, ROOT

if TYPE_CHECKING:
    from collections.abc import Callable


class Host(NamedTuple):
    """A system to look at.

    root: Its file tree.
    proc: Its process file system; None where the tree is not a running system.
    """

    root: HostRoot
    proc: ProcFS | None

    @property
    def offers(self) -> frozenset[str]:
        """What collectors may need of it."""
        return frozenset((ROOT, PROC) if self.proc else (ROOT,))


def open_host(root: str = "/", proc: str | None = None, observe: Callable[[str], None] | None = None) -> Host:
    """Open the host below a root directory; OSError when that is no readable directory.

    proc: Where its process file system is; None takes <root>/proc where one is mounted, as in a pod that
        sees its host at /host. A folder of that name in an unpacked root is none: nobody's kernel wrote it.
    observe: Called with every path that is read, for tests.
    """
    if proc is None and _is_mounted_proc(f"{root.rstrip('/')}/proc"):
        proc = f"{root.rstrip('/')}/proc"
    return Host(HostRoot(root, observe), ProcFS(proc, observe) if proc else None)


def _is_mounted_proc(path: str) -> bool:
    """Tell from our own mountinfo (proc(5)) whether a process file system is mounted at a path."""
    with open("/proc/self/mountinfo", "rb") as mounts:
        for line in mounts:
            before, _, after = line.partition(b" - ")
            if after.startswith(b"proc ") and os.fsdecode(before.split(b" ")[4]) == path:
                return True
    return False
