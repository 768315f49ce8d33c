"""A walk over watched trees that meets every path of any type, in the order in which their keys sort.

Keys are canonical JSON, so that a walk and a stored snapshot are merged as streams of bytes. A name is looked at when
its turn comes and not before; only the names of open directories are in memory. No link is followed, nothing is opened
but directories, and what is not local is not touched, not even with stat(2) (agent.host.stops).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from agent.host.border import Border
from agent.host.descent import Descent
from agent.host.entry_budget import USUAL, Spending
from agent.host.errors import LimitReached, gap
from agent.host.excluded import CONTAINER_ENDINGS, CONTAINERS
from agent.host.name_order import SELF, Names, take
from agent.host.watched import Places
from agent.model.codec import dumps
from agent.model.records import Gap

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from agent.formats.path_patterns import Patterns
    from agent.host.descent import Level
    from agent.host.entry_budget import Budget
    from agent.host.root import HostRoot
    from agent.host.watched import Tree, Watched

_TYPE = 0o170000
_DIRECTORY = 0o040000
_LAST = chr(0x10FFFF)
"""Sorts behind every turn."""
_NAMED = 50
"""Places that are named one by one when a walk ends early, or names in one directory that cannot be looked at."""


class Entry(NamedTuple):
    """A path of any type.

    key: Its path as canonical JSON, which is the key of its record as a snapshot has it.
    prefix: The path of its directory with a slash behind.
    name: Its name in the directory.
    directory_fd: The open directory, until the next entry is asked for.
    status: What stat(2) tells of it, of a link itself.
    file_system: Type of the file system that it is on; null where that is not known.
    """

    key: bytes
    prefix: str
    name: str
    directory_fd: int
    status: os.stat_result
    file_system: str | None

    @property
    def path(self) -> str:
        """Its path below the root."""
        return self.prefix if self.name == SELF else self.prefix + self.name


class _Folder(NamedTuple):
    """A directory on the way down.

    place: What of the trees is here; None where none is named any more.
    depth: Levels below it that are watched.
    """

    level: Level
    names: Names
    place: Watched | None
    depth: int
    excluded: Patterns
    file_system: str | None


class EntryWalk:
    """A walk, to be made once and closed.

    entries_met: Names that it met in directories.
    directories: Directories that it listed.
    ended: Why it ended early; None when it did not.
    """

    def __init__(
        self,
        root: HostRoot,
        trees: Sequence[Tree],
        excluded: Patterns,
        report: Callable[[Gap], None],
        budget: Budget = USUAL,
    ) -> None:
        """Prepare it; OSError or ValueError where the mounts of the root cannot be told, so that nothing may be touched.

        excluded: What is left out with all that is below it.
        report: Is given what was not seen; hides of these gaps is a path, ending with a slash for what is in a directory.
        """
        self.ended: str | None = None
        self._root = root
        self._excluded = excluded
        self._report = report
        self._border = Border(root, report, CONTAINERS, CONTAINER_ENDINGS, each_place=True)
        self._mounts = self._border.mounts
        self._trees = trees
        self._spending = Spending(budget)

    def __enter__(self) -> EntryWalk:
        return self

    def __exit__(self, *_: object) -> None:
        self._border.close()

    @property
    def met(self) -> int:
        """Names that it met in directories so far."""
        return self._spending.met

    @property
    def left_out(self) -> list[str]:
        """Paths that it left out because they hold containers."""
        return self._border.excluded

    def entries(self) -> Iterator[Entry]:
        """Give all that is there."""
        watched = Places(self._root, self._mounts, self._report).watched(self._trees)
        descent = Descent(self._root.fileno())
        try:
            yield from self._below(descent, watched)
        finally:
            descent.close()

    def _below(self, descent: Descent, watched: Watched) -> Iterator[Entry]:
        file_system = self._mounts.file_system or None
        folders = [_Folder(descent.levels[-1], Names(), watched, watched.depth, self._excluded, file_system)]
        if watched.depth >= 0:
            folders[0].names.add_self()
        self._list(folders)
        while folders:
            self.ended = self._spending.spent()
            if self.ended:
                self._end_early(folders)
                return
            name = yield from self._entries_of(folders[-1])
            if name is None:
                self._leave(descent, folders)
            else:
                self._enter(descent, folders, name)

    def _entries_of(self, folder: _Folder) -> Generator[Entry, None, str | None]:
        """Give what is in a directory until one in it is to be entered, and its name then.

        This is the loop that every path goes through: all that it uses is local.
        """
        level, names, place, depth, _, own = folder
        fd, prefix = level.fd, f"{level.path}/"
        start = dumps(prefix)[:-1]
        turns, waiting, unlike = names.turns, names.waiting, names.unlike
        stops = self._mounts.stops_in(level.path)
        mounted = self._mounts.file_systems_in(level.path)
        goes_on = place is not None or depth > 1
        look, new, pop = os.stat, tuple.__new__, turns.pop
        first = waiting[-1] if waiting else _LAST
        failures = 0
        while turns:
            turn = pop()
            if turn > first:
                turns.append(turn)
                break
            form = turn[:-1]
            name = unlike.get(form, form) if unlike else form
            if stops and name in stops:
                self._border.pass_by(prefix + name, stops[name])
                continue
            try:
                status = look(name, dir_fd=fd, follow_symlinks=False)
            except FileNotFoundError:
                continue
            except OSError as error:
                failures += 1
                if failures > _NAMED:
                    self._lose(folder, error)
                    return None
                self._report(gap(prefix + name, error, prefix + name))
                continue
            file_system = mounted.get(name, own) if mounted else own
            yield new(Entry, (start + turn.encode(), prefix, name, fd, status, file_system))
            if status.st_mode & _TYPE == _DIRECTORY and goes_on and form:
                waiting.append(f"{form}/")
                waiting.sort(reverse=True)
                first = waiting[-1]
        return names.next_waiting()

    def _enter(self, descent: Descent, folders: list[_Folder], name: str) -> None:
        """Go into a directory unless nothing in it is watched."""
        above = folders[-1]
        place = above.place.below.get(name) if above.place else None
        depth = max(above.depth - 1, place.depth if place else 0)
        path = f"{above.level.path}/{name}"
        if depth <= 0 and not (place and place.below):
            return
        try:
            if not self._border.admits(path):
                return
            level = descent.enter(name)
        except (FileNotFoundError, NotADirectoryError):
            return
        except (OSError, ValueError) as error:
            self._report(gap(path, error, f"{path}/"))
            return
        file_system = self._mounts.file_systems_in(above.level.path).get(name, above.file_system)
        folders.append(_Folder(level, Names(), place, depth, above.excluded.below(name), file_system))
        self._list(folders)

    def _list(self, folders: list[_Folder]) -> None:
        """Take the names of the directory that was just entered: all of them, or those that the trees name."""
        level, names, place, depth, excluded, _ = folders[-1]
        self._root.observe(level.path or "/")
        try:
            if depth > 0:
                self._spending.met += take(level.fd, names, [above.names for above in folders[:-1]], excluded.fits)
            elif place:
                named = {
                    name: below for name, below in place.below.items() if not (excluded.fits and excluded.fits(name))
                }
                names.add([name for name, below in named.items() if below.depth >= 0])
                names.add_leading([name for name, below in named.items() if below.depth < 0])
        except (OSError, LimitReached) as error:
            self._report(gap(level.path or "/", error, f"{level.path}/"))
        names.sort()

    def _leave(self, descent: Descent, folders: list[_Folder]) -> None:
        folders.pop()
        try:
            descent.leave()
        except OSError as error:
            self._lose(folders[-1], error)

    def _lose(self, folder: _Folder, error: OSError) -> None:
        """Give up the rest of a directory."""
        folder.names.drop()
        self._report(gap(folder.level.path or "/", error, f"{folder.level.path}/"))

    def _end_early(self, folders: list[_Folder]) -> None:
        """Report what was not reached: one by one what is few, otherwise all that is in a directory."""
        detail = f"the walk ended before it because {self.ended}"
        named = 0
        for level, names, *_ in folders:
            rest = names.drop()
            named += len(rest)
            if named > _NAMED:
                self._report(Gap(level.path or "/", "limit", detail, f"{level.path}/"))
                return
            for name in rest:
                path = f"{level.path}/{'' if name == SELF else name}"
                self._report(Gap(path.rstrip("/") or "/", "limit", detail, path))
