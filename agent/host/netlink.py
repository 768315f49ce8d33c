"""Asking the kernel by netlink(7), in the network namespace of the calling thread.

The files of proc(5) list every socket that there is; by sock_diag(7) the kernel picks those that are asked for, which
costs a tenth where there are tens of thousands.
"""

from __future__ import annotations

import ctypes
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.host.procfs import ProcFS

_AF_NETLINK = 16
_SOCK_RAW = 3
SOCK_DIAG, ROUTE = 4, 0
"""Whom to ask: NETLINK_SOCK_DIAG, NETLINK_ROUTE."""
_DATAGRAM = 64 * 1024
"""The kernel's answers are half of that at most."""


def can_ask(proc: ProcFS, module: str) -> bool:
    """Tell whether the kernel answers without loading a module for it.

    It does where the module is loaded, and where it knows no modules at all; what is built into a kernel that has
    modules is not told by proc.
    """
    try:
        return any(line.startswith(b"%b " % module.encode()) for line in proc.lines("modules"))
    except FileNotFoundError:
        return True


def ask(request: bytes, limit: int, whom: int = SOCK_DIAG) -> Iterator[bytes]:
    """Give the datagrams that answer a request, at most limit of them; OSError as of socket(2)."""
    libc = ctypes.CDLL(None, use_errno=True)
    fd = libc.socket(_AF_NETLINK, _SOCK_RAW | os.O_CLOEXEC, whom)
    if fd < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    try:
        os.write(fd, request)
        for _ in range(limit):
            yield os.read(fd, _DATAGRAM)
    finally:
        os.close(fd)
