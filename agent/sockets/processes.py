"""What is known of a process that holds a socket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from agent.formats.cgroup import container_id
from agent.formats.proc_pid import parse_stat

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.host.procfs import ProcFS

T = TypeVar("T")

_DELETED = " (deleted)"

Root = tuple[int, int]
"""Device and inode of the directory that a process sees as /; those who see the host's run its programs."""
View = tuple[str, str]
"""Mount namespace and root directory of a process; those who share them find the same at every path."""


@dataclass(frozen=True)
class Process:
    """A process.

    pid: Its id.
    name: Name that the kernel has.
    executable: Path of its program; None for a kernel thread or where it may not be read.
    started: When it started, in clock ticks since boot.
    container: Id of the container that it runs in.
    root: Which directory it sees as /; None where that may not be read.
    view: Which tree it sees; None likewise.
    """

    pid: int
    name: str
    executable: str | None
    started: int
    container: str | None
    root: Root | None
    view: View | None


def read_process(proc: ProcFS, pid: int) -> Process | None:
    """Read a process; None when it has ended."""
    try:
        stat = parse_stat(proc.read(f"{pid}/stat"))
        container = container_id(proc.read(f"{pid}/cgroup"))
    except (OSError, ValueError):
        return None
    if stat.has_ended:
        return None
    return Process(
        pid,
        stat.name,
        read_executable(proc, pid),
        stat.started,
        container,
        _or_none(_root, proc, pid),
        _or_none(read_view, proc, pid),
    )


def read_executable(proc: ProcFS, pid: int) -> str | None:
    """Give the path of a process's program, also when an upgrade has replaced the file since."""
    try:
        path = proc.link(f"{pid}/exe")
    except OSError:
        return None
    return path.removesuffix(_DELETED)


def read_view(proc: ProcFS, process: str) -> View:
    """Tell which tree a process (its id, or self) sees; OSError where that may not be read."""
    return proc.link(f"{process}/ns/mnt"), proc.link(f"{process}/root")


def _root(proc: ProcFS, pid: str) -> Root:
    status = proc.stat(f"{pid}/root")
    return status.st_dev, status.st_ino


def _or_none(read: Callable[[ProcFS, str], T], proc: ProcFS, pid: int) -> T | None:
    try:
        return read(proc, str(pid))
    except OSError:
        return None
