"""The way from the top of a tree down to where a walk is: few open descriptors, however deep the tree is."""

from __future__ import annotations

import errno
import os

from agent.host.opening import open_directory, open_path

OPEN = 32
"""Levels whose directories stay open, the lowest; real trees are seldom deeper."""


class Level:
    """A directory on the way.

    path: Its path below the root, empty for the root itself.
    todo: Names of the directories in it that are still to be entered, last first.
    """

    def __init__(self, fd: int, path: str) -> None:
        self.fd = fd
        self.path = path
        self.todo: list[str] = []
        self._identity: tuple[int, int] | None = None

    def let_go(self) -> None:
        """Close the directory and remember which it was."""
        self._identity = _identity(self.fd)
        self.close()

    def close(self) -> None:
        """Close the directory for good."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def take_back(self, fd: int) -> None:
        """Take another descriptor of it; OSError (ESTALE) when that is of another directory."""
        if _identity(fd) != self._identity:
            os.close(fd)
            raise OSError(errno.ESTALE, "the directory was moved during the walk", self.path)
        self.fd = fd


class Descent:
    """The levels from the root down, root first."""

    def __init__(self, root_fd: int) -> None:
        self._root_fd = root_fd
        self.levels = [Level(open_directory(".", root_fd), "")]

    def enter(self, name: str) -> Level:
        """Go into a directory of the lowest level; OSError as the kernel's."""
        above = self.levels[-1]
        level = Level(open_directory(name, above.fd), f"{above.path}/{name}")
        self.levels.append(level)
        if len(self.levels) > OPEN:
            self.levels[-OPEN - 1].let_go()
        return level

    def leave(self) -> None:
        """Go back to the directory above; OSError when it cannot be found again, but the lowest level is left all the same."""
        left = self.levels.pop()
        try:
            if self.levels and self.levels[-1].fd < 0:
                self.levels[-1].take_back(self._above(left))
        finally:
            left.close()

    def close(self) -> None:
        """Close all that is open."""
        for level in self.levels:
            level.close()

    def _above(self, left: Level) -> int:
        """Open the directory above one that is left: from below, or where that was lost from the top, name by name."""
        if left.fd >= 0:
            return open_directory("..", left.fd)
        return open_path(self.levels[-1].path, self._root_fd)


def _identity(fd: int) -> tuple[int, int]:
    status = os.fstat(fd)
    return status.st_dev, status.st_ino
