"""Looking out of another network namespace for a moment: the only way into one that no process is in."""

from __future__ import annotations

import ctypes
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from agent.host.procfs import ProcFS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.host.root import HostRoot

_CLONE_NEWNET = 0x40000000
_OWN = "/proc/thread-self/ns/net"
THREAD = "thread-self"
"""Where the process file system that entered() gives shows the namespace: thread-self/net/tcp and its like."""


@contextmanager
def entered(root: HostRoot, path: str) -> Iterator[ProcFS]:
    """Move the calling thread into the namespace that is mounted at a path below the root, and back.

    Needs CAP_SYS_ADMIN; OSError as of setns(2). Nothing is created or changed in the namespace.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    own = os.open(_OWN, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with root.open(path) as namespace:
            _set(libc, namespace.fileno())
        try:
            proc = ProcFS("/proc")
            yield proc
            proc.close()
        finally:
            _set(libc, own)
    finally:
        os.close(own)


def _set(libc: ctypes.CDLL, fd: int) -> None:
    if libc.setns(fd, _CLONE_NEWNET) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
