"""Whether somebody holds a lock on one of a package manager's lock files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.host.errors import LimitReached

if TYPE_CHECKING:
    from agent.host import Host
    from agent.host.procfs import ProcFS
    from agent.host.root import HostRoot

POSIX = b"POSIX"
"""Of fcntl(2), as dpkg, apt and rpm take them."""
FLOCK = b"FLOCK"
"""Of flock(2), as apk takes them."""


def write_locked(host: Host, paths: tuple[str, ...], kind: bytes) -> bool:
    """Tell whether a process that can be seen has a write lock of a kind on one of some files.

    proc_locks(5) names a file by device and inode. Only the inode is compared: on btrfs and overlay
    file systems the device is another than stat(2) gives.
    """
    if not host.proc:
        return False
    locks = _held(host.proc, kind)
    return any(_inode(host.root, path) in locks for path in paths) if locks else False


def _held(proc: ProcFS, kind: bytes) -> set[bytes]:
    """Give the inodes, in digits, of all files with a write lock of a kind; a process that waits has none."""
    try:
        lines = proc.read("locks").split(b"\n")
    except (OSError, LimitReached):
        return set()
    locks = (line.split() for line in lines)
    return {lock[5].rpartition(b":")[2] for lock in locks if len(lock) > 5 and (lock[1], lock[3]) == (kind, b"WRITE")}


def _inode(root: HostRoot, path: str) -> bytes | None:
    try:
        return b"%d" % root.stat(path).st_ino
    except OSError:
        return None
