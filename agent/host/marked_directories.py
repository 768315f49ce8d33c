"""Directories marked one by one, where whole file systems cannot be: known by their handles from then on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from agent.host.errors import LimitReached
from agent.host.file_handle import file_system_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.host.fanotify import Group
    from agent.host.file_handle import FileHandles

MOST = 4096
"""Directories that are marked; each takes some 300 bytes here, and pins its inode in the kernel."""
_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class MarkedDirectories:
    """The directories of a group that are marked, by number of file system and handle as events write them."""

    def __init__(self, group: Group, handles: FileHandles, most: int = MOST) -> None:
        self._group = group
        self._handles = handles
        self._most = most
        self._paths: dict[bytes, str] = {}

    def path_of(self, directory: bytes) -> str | None:
        """Give the path of a marked directory; None for another."""
        return self._paths.get(directory)

    def mark(self, top: str, admits: Callable[[str], bool]) -> None:
        """Mark a directory and those below it on the same file system.

        admits: Decides by its path whether a directory is marked and entered.

        LimitReached when there are too many; OSError when the first cannot be marked, or the kernel takes no more.
        """
        device = os.lstat(top).st_dev
        self._mark_one(top, device)
        todo = [top]
        while todo:
            for path in self._below(todo.pop(), admits):
                try:
                    if self._mark_one(path, device):
                        todo.append(path)
                except (FileNotFoundError, NotADirectoryError, PermissionError):
                    continue  # renamed or removed meanwhile, or another user's where we have no privilege

    def forget(self) -> None:
        """Take all marks back."""
        self._group.forget_directories()
        self._paths.clear()

    def _mark_one(self, path: str, device: int) -> bool:
        """Mark a directory; False when it is on another file system."""
        if len(self._paths) >= self._most:
            raise LimitReached(f"more than {self._most} directories")
        fd = os.open(path, _OPEN)
        try:
            if os.fstat(fd).st_dev != device:
                return False
            self._group.mark_directory(fd)
            self._paths[file_system_number(fd) + self._handles.handle_of(fd)] = path
        finally:
            os.close(fd)
        return True

    def _below(self, directory: str, admits: Callable[[str], bool]) -> list[str]:
        try:
            with os.scandir(directory) as entries:
                found = [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
        except OSError:
            return []
        return [path for path in found if admits(path)]
