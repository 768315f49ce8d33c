"""The files that a process has in memory, from its maps file (proc_pid_maps(5)).

A path is as the reader's root shows it; that of a process in another mount namespace is as the top of that namespace
shows it. Of all characters the kernel escapes the line feed alone, as backslash 012.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

DELETED = b" (deleted)"
"""What the kernel puts behind the path of a file that has no name any more; a file may be called so, too."""

_LINE = re.compile(rb"^\S+ ..(.). \S+ ([0-9a-f]+:[0-9a-f]+) ([1-9]\d*) +(/.*)$", re.MULTILINE)
"""A mapping of a file, which has an inode: whether it may be executed, device, inode, path."""


class Mapped(NamedTuple):
    """A file that is mapped.

    executable: b"x" where what is mapped may be executed, otherwise b"-".
    device: Major and minor number of its file system, hexadecimal, as the kernel writes them here.
    inode: Its inode there, decimal.
    path: Its path, perhaps with DELETED behind.
    """

    executable: bytes
    device: bytes
    inode: bytes
    path: bytes


def mapped(blocks: Iterable[bytes], most: int) -> tuple[frozenset[Mapped], bool]:
    """Give the files of a maps file, and whether there were more than that many, of which the rest is left out.

    blocks: The file in blocks of whole lines. Of one file there may be two: as executable and as not.
    """
    found: set[tuple[bytes, bytes, bytes, bytes]] = set()
    for block in blocks:
        found.update(_LINE.findall(block))
        if len(found) > most:
            return frozenset(map(Mapped._make, list(found)[:most])), True
    return frozenset(map(Mapped._make, found)), False


def path_of(written: bytes) -> str:
    """Give a path as files are opened by it; a backslash 012 that a name really has is taken for a line feed."""
    return written.replace(b"\\012", b"\n").decode("utf-8", "surrogateescape")
