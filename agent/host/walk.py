"""One pass over the tree below a root that meets every file once and shows those that somebody wants.

The order is always the same: the files of a directory by name, then the directories in it by name, each with all
that is below it. Names compare by code points, bytes that are no UTF-8 last. No link is followed, nothing is
touched that is not local (agent.host.stops), and files are opened by who reads them, if at all.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from agent.host.border import Border
from agent.host.descent import Descent
from agent.host.errors import LimitReached, gap
from agent.host.found import Found, Reads
from agent.host.listing import ANY_EXECUTE, sort_out
from agent.host.opening import open_path
from agent.host.steps import enter, leave
from agent.model.records import Gap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agent.host.descent import Level
    from agent.host.fixed_mounts import FixedMounts
    from agent.host.listing import Listing, Wanted
    from agent.host.root import HostRoot

_NAMED = 50
"""Directories that are named one by one when a walk ends early."""


class Budget(NamedTuple):
    """What a walk may cost before it ends early.

    entries: Names in directories.
    bytes_read: Bytes of files that are read.
    processor_seconds, seconds: Time of the processor and on the wall.
    """

    entries: int = 5_000_000
    bytes_read: int = 8 * 1024 * 1024 * 1024
    processor_seconds: float = 90.0
    seconds: float = 900.0


USUAL = Budget()
"""For a host of millions of files."""


class TreeWalk:
    """A walk, to be made once and closed.

    entries: Names that it met in directories.
    directories: Directories that it entered.
    reads: What was read of the files that it showed.
    """

    def __init__(
        self,
        root: HostRoot,
        wanted: Wanted,
        budget: Budget,
        report: Callable[[Gap], None],
        mounts: FixedMounts | None = None,
    ) -> None:
        """Prepare it; OSError or ValueError where the mounts of the root cannot be told, so that nothing may be touched.

        report: Is given what was not walked; hides of these gaps is a path, ending with a slash for a directory.
        mounts: The mounts, where they were read before; by default they are read now.
        """
        self.entries = 0
        self.directories = 0
        self.reads = Reads(root.observe)
        self._root = root
        self._wanted = wanted
        self._budget = budget
        self._report = report
        self._border = Border(root, report, mounts=mounts)
        self._processor_end = time.process_time() + budget.processor_seconds
        self._end = time.monotonic() + budget.seconds

    @property
    def excluded(self) -> list[str]:
        """Paths that it left out because they hold no software of the host."""
        return self._border.excluded

    def __enter__(self) -> TreeWalk:
        return self

    def __exit__(self, *_: object) -> None:
        self._border.close()

    def files(self) -> Iterator[Found]:
        """Give the wanted files; each is closed when the next is asked for."""
        descent = Descent(self._root.fileno())
        try:
            yield from self._below(descent)
        finally:
            descent.close()

    @contextmanager
    def again(self, path: str, size: int) -> Iterator[Found]:
        """Show an executable once more; OSError where the way to it is no longer the one that was walked."""
        self._border.require(path)
        fd = open_path(path.rpartition("/")[0], self._root.fileno())
        found = Found(fd, path, size, True, self.reads)
        try:
            yield found
        finally:
            found.close()
            os.close(fd)

    def _below(self, descent: Descent) -> Iterator[Found]:
        yield from self._files_of(descent.levels[-1])
        while descent.levels:
            level = descent.levels[-1]
            if not level.todo:
                leave(descent, self._report)
                continue
            spent = self._spent()
            if spent:
                self._end_early(descent.levels, spent)
                return
            if enter(descent, level.todo.pop(), self._border, self._report):
                yield from self._files_of(descent.levels[-1])

    def _files_of(self, level: Level) -> Iterator[Found]:
        """Give the wanted files of a directory and note which directories are in it."""
        self.directories += 1
        self._root.observe(level.path or "/")
        try:
            _, files, level.todo = self._look(level)
        except (OSError, LimitReached) as error:
            self._report(gap(level.path or "/", error, f"{level.path}/"))
            return
        for name, mode, size in files:
            found = Found(level.fd, f"{level.path}/{name}", size, bool(mode & ANY_EXECUTE), self.reads)
            try:
                yield found
            finally:
                found.close()

    def _look(self, level: Level) -> Listing:
        left = self._budget.entries - self.entries
        with os.scandir(level.fd) as entries:
            listing = sort_out(islice(self._border.entries(level.path, entries), left + 1), self._wanted)
        self.entries += listing.met
        if listing.met > left:
            raise LimitReached(f"the walk met more than {self._budget.entries} names")
        return listing

    def _spent(self) -> str | None:
        """Say what of the budget is spent, if anything is."""
        if self.entries >= self._budget.entries:
            return f"it met {self._budget.entries} names"
        if self.reads.count >= self._budget.bytes_read:
            return f"it read {self._budget.bytes_read} bytes"
        if time.process_time() >= self._processor_end:
            return f"it took {self._budget.processor_seconds:g} processor seconds"
        if time.monotonic() >= self._end:
            return f"it took {self._budget.seconds:g} seconds"
        return None

    def _end_early(self, levels: list[Level], why: str) -> None:
        """Report what was not reached: the directories one by one where they are few, otherwise the whole tree."""
        rest = [f"{level.path}/{name}" for level in reversed(levels) for name in reversed(level.todo)]
        detail = f"the walk ended before it because {why}"
        if len(rest) > _NAMED:
            self._report(Gap("file tree", "limit", f"{detail}, at {rest[0]}", "/"))
            return
        for path in rest:
            self._report(Gap(path, "limit", detail, f"{path}/"))
