"""The only code that touches the inspected machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.host.procfs import ProcFS
from agent.host.root import HostRoot
from agent.model.spec import PROC, ROOT

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Host:
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

    proc: Where its process file system is; None takes that of the running system for the root /,
        and otherwise none. observe is called with every path that is read, for tests.
    """
    if proc is None and root == "/":
        proc = "/proc"
    return Host(HostRoot(root, observe), ProcFS(proc, observe) if proc else None)
