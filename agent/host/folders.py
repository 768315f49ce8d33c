"""The directories from the root down to where a walk over watched trees is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.host.descent import Descent
from agent.host.errors import LimitReached, gap
from agent.host.name_order import SELF, Names, take
from agent.model.records import Gap

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.formats.path_patterns import Patterns
    from agent.host.border import Border
    from agent.host.descent import Level
    from agent.host.entry_budget import Spending
    from agent.host.root import HostRoot
    from agent.host.watched import Watched

NAMED = 50
"""Places that are named one by one when a walk ends early, or names in one directory that cannot be looked at."""


class Folder(NamedTuple):
    """A directory on the way down.

    level: The open directory.
    names: What of it has not been met.
    place: What of the trees is here; None where none is named any more.
    depth: Levels below it that are watched.
    excluded: What is left out below it.
    file_system: Type of the file system that it is on.
    """

    level: Level
    names: Names
    place: Watched | None
    depth: int
    excluded: Patterns
    file_system: str | None


class Folders:
    """The way down, which is to be closed.

    open: The directories, root first.
    """

    def __init__(self, root: HostRoot, border: Border, spending: Spending, report: Callable[[Gap], None]) -> None:
        self.open: list[Folder] = []
        self._root = root
        self._border = border
        self._spending = spending
        self._report = report
        self._descent = Descent(root.fileno())

    def close(self) -> None:
        """Close all that is open."""
        self._descent.close()

    def start(self, watched: Watched, excluded: Patterns) -> None:
        """Begin at the root."""
        file_system = self._border.mounts.file_system or None
        top = Folder(self._descent.levels[-1], Names(), watched, watched.depth, excluded, file_system)
        if watched.depth >= 0:
            top.names.add_self()
        self.open.append(top)
        self._list()

    def enter(self, name: str) -> None:
        """Go into a directory unless nothing in it is watched."""
        above = self.open[-1]
        place = above.place.below.get(name) if above.place else None
        depth = max(above.depth - 1, place.depth if place else 0)
        path = f"{above.level.path}/{name}"
        if depth <= 0 and not (place and place.below):
            return
        try:
            if not self._border.admits(path):
                return
            level = self._descent.enter(name)
        except (FileNotFoundError, NotADirectoryError):
            return
        except (OSError, ValueError) as error:
            self._report(gap(path, error, f"{path}/"))
            return
        file_system = self._border.mounts.file_systems_in(above.level.path).get(name, above.file_system)
        self.open.append(Folder(level, Names(), place, depth, above.excluded.below(name), file_system))
        self._list()

    def leave(self) -> None:
        """Go back to the directory above."""
        self.open.pop()
        try:
            self._descent.leave()
        except OSError as error:
            lose(self.open[-1], error, self._report)

    def end_early(self, why: str) -> None:
        """Report what was not reached: one by one what is few, otherwise all that is in a directory."""
        detail = f"the walk ended before it because {why}"
        named = 0
        for level, names, *_ in self.open:
            rest = names.drop()
            named += len(rest)
            if named > NAMED:
                self._report(Gap(level.path or "/", "limit", detail, f"{level.path}/"))
                return
            for name in rest:
                path = f"{level.path}/{'' if name == SELF else name}"
                self._report(Gap(path.rstrip("/") or "/", "limit", detail, path))

    def _list(self) -> None:
        """Take the names of the directory that was just entered: all of them, or those that the trees name."""
        level, names, place, depth, excluded, _ = self.open[-1]
        self._root.observe(level.path or "/")
        try:
            if depth > 0:
                self._spending.met += take(level.fd, names, [above.names for above in self.open[:-1]], excluded.fits)
            elif place:
                named = {
                    name: below for name, below in place.below.items() if not (excluded.fits and excluded.fits(name))
                }
                names.add([name for name, below in named.items() if below.depth >= 0])
                names.add_leading([name for name, below in named.items() if below.depth < 0])
        except (OSError, LimitReached) as error:
            self._report(gap(level.path or "/", error, f"{level.path}/"))
        names.sort()


def lose(folder: Folder, error: OSError, report: Callable[[Gap], None]) -> None:
    """Give up the rest of a directory."""
    folder.names.drop()
    report(gap(folder.level.path or "/", error, f"{folder.level.path}/"))
