"""A walk over watched trees that meets every path of any type, in the order in which their keys sort.

Keys are canonical JSON, so that a walk and a stored snapshot are merged as streams of bytes. A name is looked at when
its turn comes and not before; only the names of open directories are in memory. No link is followed, nothing is opened
but directories, and what is not local is not touched, not even with stat(2) (agent.host.stops).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from agent.host.border import Border
from agent.host.entry_budget import USUAL, Spending
from agent.host.errors import gap
from agent.host.excluded import CONTAINER_ENDINGS, CONTAINERS
from agent.host.folders import NAMED, Folders, lose
from agent.host.name_order import SELF
from agent.host.watched import Places
from agent.model.codec import dumps

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from agent.formats.path_patterns import Patterns
    from agent.host.entry_budget import Budget
    from agent.host.folders import Folder
    from agent.host.root import HostRoot
    from agent.host.watched import Tree
    from agent.model.records import Gap

_TYPE = 0o170000
_DIRECTORY = 0o040000
_LAST = chr(0x10FFFF) * 1024
"""Sorts behind every turn: a name has fewer characters (NAME_MAX is 255 bytes)."""


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


class EntryWalk:
    """A walk, to be made once and closed.

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
        watched = Places(self._root, self._border.mounts, self._report).watched(self._trees)
        folders = Folders(self._root, self._border, self._spending, self._report)
        try:
            folders.start(watched, self._excluded)
            yield from self._below(folders)
        finally:
            folders.close()

    def _below(self, folders: Folders) -> Iterator[Entry]:
        while folders.open:
            self.ended = self._spending.spent()
            if self.ended:
                folders.end_early(self.ended)
                return
            name = yield from self._entries_of(folders.open[-1])
            if name is None:
                folders.leave()
            else:
                folders.enter(name)

    def _entries_of(self, folder: Folder) -> Generator[Entry, None, str | None]:
        """Give what is in a directory until one in it is to be entered, and its name then.

        This is the loop that every path goes through: all that it uses is local.
        """
        level, names, place, depth, _, own = folder
        fd, prefix = level.fd, f"{level.path}/"
        start = dumps(prefix)[:-1]
        turns, waiting, unlike = names.turns, names.waiting, names.unlike
        stops = self._border.mounts.stops_in(level.path)
        mounted = self._border.mounts.file_systems_in(level.path)
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
                if failures > NAMED:
                    lose(folder, error, self._report)
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
