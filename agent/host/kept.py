"""What a collector keeps for its next run beside its snapshot: one file of its own, replaced whole or not at all."""

from __future__ import annotations

import os

from agent.host.reading import read_all

_NEW = ".new"


def read_kept(folder: str, name: str, limit: int) -> bytes | None:
    """Read the file; None where there is none. OSError as the kernel's, LimitReached past limit bytes."""
    try:
        fd = os.open(os.path.join(folder, name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        return read_all(fd, limit, name)
    finally:
        os.close(fd)


def write_kept(folder: str, name: str, content: bytes) -> None:
    """Put the file in place; OSError as the kernel's, and then the one before is still there.

    It is not forced to the disk: what was lost is found out again.
    """
    path = os.path.join(folder, name)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(path + _NEW, flags, 0o600), "wb") as file:
        file.write(content)
    os.rename(path + _NEW, path)
