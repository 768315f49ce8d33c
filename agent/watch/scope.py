"""Which paths are watched: trees of names with depths, less what patterns leave out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agent.formats.path_patterns import Patterns
    from agent.host.watched import Watched


class Place(NamedTuple):
    """What is watched of a directory.

    path: The directory, below the root, without a slash at its end; empty for the root.
    is_watched: Whether the directory itself is.
    names: Names in it that are watched; None for all.
    excluded: Tells whether a name is left out; None where none is.
    """

    path: str
    is_watched: bool
    names: frozenset[str] | None
    excluded: Callable[[str], object] | None

    def path_of(self, name: str) -> str | None:
        """Give the path of a name in the directory, `.` being the directory itself; None where it is not watched."""
        if name == ".":
            return (self.path or "/") if self.is_watched else None
        if (self.names is not None and name not in self.names) or (self.excluded and self.excluded(name)):
            return None
        return f"{self.path}/{name}"


class Scope:
    """The watched trees below a root."""

    def __init__(self, trees: Watched, excludes: Patterns) -> None:
        self._trees = trees
        self._excludes = excludes

    def place(self, directory: str) -> Place | None:
        """Give what is watched of a directory by its path below the root; None for nothing at all."""
        nodes = [self._trees]
        depth, excludes = self._trees.depth, self._excludes
        for name in _names(directory):
            if excludes.fits and excludes.fits(name):
                return None
            excludes = excludes.below(name)
            nodes = [below for node in nodes for below in node.named(name)]
            depth = max(depth - 1, *(node.depth for node in nodes), -1)
            if not nodes and depth < 0:
                return None
        names = None if depth >= 1 else _watched_in(nodes)
        return Place(directory.rstrip("/"), depth >= 0, names, excludes.fits)


def _names(path: str) -> list[str]:
    return [name for name in path.split("/") if name]


def _watched_in(nodes: Sequence[Watched]) -> frozenset[str] | None:
    """Give the names that are watched themselves; to lead to one that is makes a name watched too.

    For what a path leads to is another when a directory on its way is renamed. Where a pattern leads on all names may.
    """
    named = frozenset(name for node in nodes for name in node.below)
    return None if any("*" in name for name in named) else named
