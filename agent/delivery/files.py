"""Files that are written whole or not at all: temporary, fsync, rename, fsync of the folder."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

TEMPORARY = ".tmp"
"""Ending of files that are being written; one that is left over is worth nothing."""
CORRUPT = ".corrupt"
"""Ending of a file that was set aside because it could not be read."""
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_BUFFER = 128 * 1024


@contextmanager
def replacing(path: str) -> Iterator[BinaryIO]:
    """Give a file to write that takes the place of path when the block ends well, and else is dropped.

    Raises OSError; whatever happens, path holds either what it held or all that was written.
    """
    temporary = path + TEMPORARY
    try:
        with create(temporary) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.rename(temporary, path)
    except BaseException:
        remove(temporary)
        raise
    sync_folder(os.path.dirname(path))


def write_whole(path: str, content: bytes) -> None:
    """Replace a small file; OSError leaves it as it was."""
    with replacing(path) as file:
        file.write(content)


def create(path: str, buffer: int = _BUFFER) -> BinaryIO:
    """Create a file that only its owner can read, in place of any that has the name."""
    remove(path)
    return open(os.open(path, _NEW, 0o600), "w+b", buffer)


def read_small(path: str, limit: int) -> bytes | None:
    """Read a file of at most limit bytes; None when it is missing or longer."""
    try:
        with open(path, "rb") as file:
            content = file.read(limit + 1)
    except FileNotFoundError:
        return None
    return content if len(content) <= limit else None


def remove(path: str) -> None:
    """Remove a file that may be missing."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def set_aside(path: str) -> None:
    """Move a file that cannot be read out of the way, in place of the one set aside before."""
    try:
        os.replace(path, path + CORRUPT)
    except FileNotFoundError:
        return
    sync_folder(os.path.dirname(path))


def sync_folder(folder: str) -> None:
    """Make the renames in a folder durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def sweep(folder: str) -> None:
    """Remove what killed processes left below a folder; only when no other is at work there."""
    for place, _, names in os.walk(folder):
        for name in names:
            if name.endswith(TEMPORARY):
                remove(os.path.join(place, name))
