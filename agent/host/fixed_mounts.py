"""Where a walk must stop when its mounts were read by somebody else, who could read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.host.excluded import PATHS
from agent.host.stops import EXCLUDED, SILENT, Stop

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from agent.host.stops import Stops


class FixedMounts:
    """Every mount point below the root is a stop: what is mounted is somebody else's, and named by whoever read the mounts.

    file_system: Type of the file system that the root is on, which nobody asks for.
    """

    file_system = ""

    def __init__(self, points: Iterable[str], excluded: tuple[str, ...] = PATHS) -> None:
        """Take the mount points below the root, and the paths that are left out."""
        self._stops: Stops = {}
        for paths, stop in ((excluded, Stop(EXCLUDED, "")), (points, Stop(SILENT, ""))):
            for path in paths:
                directory, _, name = path.rpartition("/")
                self._stops.setdefault(directory, {})[name] = stop

    def close(self) -> None:
        """Do nothing: nothing is open."""

    def refresh(self) -> None:
        """Do nothing: they are what they were."""

    def stops_in(self, directory: str) -> Mapping[str, Stop]:
        """Give the stops in a directory by their names."""
        return self._stops.get(directory, {})

    def file_systems_in(self, directory: str) -> Mapping[str, str]:  # noqa: ARG002 - as of MountTable
        """Give nothing: no type is known."""
        return {}
