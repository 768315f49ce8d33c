"""Whether dpkg, or a program that drives it, is at work: the locks that they hold meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.host.errors import LimitReached

if TYPE_CHECKING:
    from agent.host import Host
    from agent.host.procfs import ProcFS
    from agent.host.root import HostRoot

LOCKS = ("/var/lib/dpkg/lock", "/var/lib/dpkg/lock-frontend")
"""dpkg locks the first while it runs, apt the second while it runs dpkg more than once."""


def locked(host: Host) -> bool:
    """Tell whether a process that can be seen has a write lock on one of dpkg's lock files.

    proc_locks(5) names a file by device and inode. Only the inode is compared: on btrfs and overlay
    file systems the device is another than stat(2) gives.
    """
    if not host.proc:
        return False
    locks = _held(host.proc)
    return any(_inode(host.root, path) in locks for path in LOCKS) if locks else False


def _held(proc: ProcFS) -> set[bytes]:
    """Give the inodes, in digits, of all files with a POSIX write lock; a process that waits has none."""
    try:
        lines = proc.read("locks").split(b"\n")
    except (OSError, LimitReached):
        return set()
    locks = (line.split() for line in lines)
    return {
        lock[5].rpartition(b":")[2] for lock in locks if len(lock) > 5 and (lock[1], lock[3]) == (b"POSIX", b"WRITE")
    }


def _inode(root: HostRoot, path: str) -> bytes | None:
    try:
        return b"%d" % root.stat(path).st_ino
    except OSError:
        return None
