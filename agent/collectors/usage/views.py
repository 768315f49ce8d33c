"""The tree of a scope: opened through a process that sees it, named after its layers, with what of it is not to be touched."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.containers.host_process import host_process
from agent.formats.mountinfo import mounts
from agent.formats.overlay_mount import root_mount
from agent.host.errors import LimitReached
from agent.host.file_systems import LOCAL, NOT_STORAGE
from agent.sockets.namespaces import HOST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agent.containers.running import Running
    from agent.host import Host
    from agent.host.procfs import ProcFS
    from agent.host.root import HostRoot

_MOUNTINFO = 4 * 1024 * 1024


class View(NamedTuple):
    """The tree of a scope.

    root: The tree, open.
    layers: What containers of one image have in common: the layers under their overlay; the scope's name without any.
    remote: Directories for which somebody else answers, who may never do so, each with a slash at the end.
    """

    root: HostRoot
    layers: str
    remote: tuple[str, ...]

    def touches(self, path: str) -> bool:
        """Tell whether a path may be looked at."""
        return not (self.remote and path.startswith(self.remote))


def view_of(host: Host, proc: ProcFS, scope: str, container: Running | None, pids: Iterable[int]) -> View | None:
    """Open the tree that the processes of a scope see, through the first of them or any that is still there."""
    if scope == HOST:
        return View(host.root, HOST, tuple(_remote(_lines(proc, host_process(host)))))
    for pid in (*((container.first,) if container else ()), *pids):
        try:
            root = proc.root_of(pid)
        except OSError:
            continue
        lines = _lines(proc, str(pid))
        mount = root_mount(lines)
        return View(root, "\n".join(mount.lower) if mount and mount.lower else scope, tuple(_remote(lines)))
    return None


def _lines(proc: ProcFS, process: str) -> list[bytes]:
    try:
        return proc.read(f"{process}/mountinfo", _MOUNTINFO).split(b"\n")[:-1]
    except (OSError, LimitReached):
        return []


def _remote(lines: Iterable[bytes]) -> Iterator[str]:
    try:
        for mount in mounts(lines):
            if mount.file_system not in LOCAL and mount.file_system not in NOT_STORAGE:
                yield f"{mount.point.rstrip('/')}/"
    except ValueError:
        return  # the last lines were malformed; what came before counts
