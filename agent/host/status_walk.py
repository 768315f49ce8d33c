"""One pass over the local file systems below a root that gives the status of every regular file and directory.

No link is followed, nothing is opened but directories, and what is not local is not touched (agent.host.stops).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from agent.host.border import Border
from agent.host.descent import Descent
from agent.host.entry_budget import Spending
from agent.host.errors import LimitReached, gap
from agent.host.steps import enter, leave

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agent.host.descent import Level
    from agent.host.entry_budget import Budget
    from agent.host.root import HostRoot
    from agent.model.records import Gap

_TYPE, _REGULAR, _DIRECTORY = 0o170000, 0o100000, 0o040000
_MOST = 100_000
"""Directories that one directory may have; their names are sorted in memory."""

Seen = tuple[str, str, os.stat_result]
"""Path of a directory, empty for the root's own, a name in it, and its status."""


class StatusWalk:
    """A walk, to be made once and closed.

    ended: Why it ended early; None when it did not.
    """

    def __init__(self, root: HostRoot, budget: Budget, report: Callable[[Gap], None]) -> None:
        """Prepare it; OSError or ValueError where the mounts of the root cannot be told, so that nothing may be touched.

        report: Is given what was not seen.
        """
        self.ended: str | None = None
        self._root = root
        self._report = report
        self._border = Border(root, report)
        self._spending = Spending(budget)

    def __enter__(self) -> StatusWalk:
        return self

    def __exit__(self, *_: object) -> None:
        self._border.close()

    def entries(self) -> Iterator[Seen]:
        """Give all files and directories but the root itself."""
        descent = Descent(self._root.fileno())
        try:
            yield from self._look(descent.levels[-1])
            while descent.levels and not self.ended:
                level = descent.levels[-1]
                if not level.todo:
                    leave(descent, self._report)
                elif enter(descent, level.todo.pop(), self._border, self._report):
                    yield from self._look(descent.levels[-1])
                    self.ended = self._spending.spent()
        finally:
            descent.close()

    def _look(self, level: Level) -> Iterator[Seen]:
        """Give what is in a directory; this is the loop that every path goes through: all that it uses is local."""
        path, directories, count = level.path, [], 0
        self._root.observe(path or "/")
        try:
            with os.scandir(level.fd) as entries:
                for entry in self._border.entries(path, entries):
                    count += 1
                    try:
                        status = entry.stat(follow_symlinks=False)
                    except FileNotFoundError:
                        continue
                    kind = status.st_mode & _TYPE
                    if kind == _REGULAR:
                        yield path, entry.name, status
                    elif kind == _DIRECTORY:
                        yield path, entry.name, status
                        directories.append(entry.name)
                        if len(directories) > _MOST:
                            raise LimitReached(f"more than {_MOST} directories")
        except (OSError, LimitReached) as error:
            self._report(gap(path or "/", error, f"{path}/"))
        self._spending.met += count
        level.todo = sorted(directories, reverse=True)
