"""What is known of a process that holds a socket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.formats.cgroup import container_id
from agent.formats.proc_pid import parse_stat

if TYPE_CHECKING:
    from agent.host.procfs import ProcFS

_DELETED = " (deleted)"

Root = tuple[int, int]
"""Device and inode of the directory that a process sees as /."""


@dataclass(frozen=True)
class Process:
    """A process.

    pid: Its id.
    name: Name that the kernel has.
    executable: Path of its program; None for a kernel thread or where it may not be read.
    started: When it started, in clock ticks since boot.
    container: Id of the container that it runs in.
    root: Which directory it sees as /; None where that may not be read.
    """

    pid: int
    name: str
    executable: str | None
    started: int
    container: str | None
    root: Root | None


def read_process(proc: ProcFS, pid: int) -> Process | None:
    """Read a process; None when it has ended, or is another one by now than it was a moment ago."""
    try:
        stat = parse_stat(proc.read(f"{pid}/stat"))
        container = container_id(proc.read(f"{pid}/cgroup"))
    except (OSError, ValueError):
        return None
    return Process(pid, stat.name, read_executable(proc, pid), stat.started, container, read_root(proc, pid))


def read_executable(proc: ProcFS, pid: int) -> str | None:
    """Give the path of a process's program, also when an upgrade has replaced the file since."""
    try:
        path = proc.link(f"{pid}/exe")
    except OSError:
        return None
    return path.removesuffix(_DELETED)


def read_root(proc: ProcFS, pid: int) -> Root | None:
    """Tell which directory a process sees as /."""
    try:
        status = proc.stat(f"{pid}/root")
    except OSError:
        return None
    return status.st_dev, status.st_ino
