"""What a walk does not touch below a root: other people's file systems, containers, paths too long to be used."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from agent.host.excluded import ENDINGS, PATHS
from agent.host.mounts import MountTable
from agent.host.stops import EXCLUDED, REMOTE
from agent.model.records import Gap

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Mapping

    from agent.host.fixed_mounts import FixedMounts
    from agent.host.root import HostRoot
    from agent.host.stops import Stop

_PATH_LIMIT = 4096
"""Characters of a path. The kernel takes no longer one (PATH_MAX), so that nobody runs a program by it."""


class Border:
    """Decides what is touched, and reports what is not.

    excluded: Paths that were left out because they hold no software of the host.
    mounts: What is mounted below the root.
    """

    def __init__(
        self,
        root: HostRoot,
        report: Callable[[Gap], None],
        excluded: tuple[str, ...] = PATHS,
        endings: tuple[str, ...] = ENDINGS,
        each_place: bool = False,
        mounts: MountTable | FixedMounts | None = None,
    ) -> None:
        """Read the mounts; OSError or ValueError where they cannot be told, so that nothing may be touched.

        excluded: Paths that are left out.
        endings: Ends of paths that are left out.
        each_place: Whether what is seen at several places (bind mounts) is met at each.
        mounts: The mounts, where they were read before; what is left out and each_place are then their part.
        """
        self.excluded: list[str] = []
        self.mounts: MountTable | FixedMounts = mounts or MountTable(root, excluded, each_place)
        self._report = report
        self._endings = endings

    def close(self) -> None:
        """Let go of the mounts."""
        self.mounts.close()

    def admits(self, path: str) -> bool:
        """Decide on a directory right before it is entered, for something may have been mounted since it was listed.

        OSError or ValueError where the mounts changed and cannot be told any more.
        """
        self.mounts.refresh()
        folder, _, name = path.rpartition("/")
        stop = self.mounts.stops_in(folder).get(name)
        if stop:
            self.pass_by(path, stop)
        elif path.endswith(self._endings):
            self.excluded.append(path)
        elif len(path) > _PATH_LIMIT:
            detail = f"its path is longer than {_PATH_LIMIT} characters"
            self._report(Gap(path[:200], "limit", detail, f"{path}/"))
        else:
            return True
        return False

    def entries(self, directory: str, entries: Iterator[os.DirEntry[str]]) -> Iterator[os.DirEntry[str]]:
        """Give the entries of a directory that may be touched; files, too, are mounted upon."""
        stops = self.mounts.stops_in(directory)
        return self._without(stops, directory, entries) if stops else entries

    def require(self, path: str) -> None:
        """Raise OSError where something was mounted at a path or above it that may not be touched; else as admits."""
        self.mounts.refresh()
        folder, _, name = path.rpartition("/")
        while name:
            if name in self.mounts.stops_in(folder):
                raise OSError(errno.ESTALE, "something was mounted there during the walk", path)
            folder, _, name = folder.rpartition("/")

    def pass_by(self, path: str, stop: Stop) -> None:
        """Note a place that is not touched, and report it where somebody else would have to answer."""
        if stop.kind == EXCLUDED:
            self.excluded.append(path)
        elif stop.kind == REMOTE:
            self._report(Gap(path, REMOTE, stop.detail, path))

    def _without(
        self, stops: Mapping[str, Stop], directory: str, entries: Iterator[os.DirEntry[str]]
    ) -> Iterator[os.DirEntry[str]]:
        for entry in entries:
            if entry.name in stops:
                self.pass_by(f"{directory}/{entry.name}", stops[entry.name])
            else:
                yield entry
