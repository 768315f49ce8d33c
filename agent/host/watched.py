"""The trees that are watched, as one tree of names from the root down, in which each place is once.

Links on the way to a tree are followed here, within the root, so that /lib/x is watched as /usr/lib/x where /lib is a
link to usr/lib; each link that is met so is itself watched.
"""

from __future__ import annotations

import errno
import os
import stat
from fnmatch import fnmatchcase
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from agent.formats.path_patterns import literal
from agent.host.errors import LimitReached, gap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from agent.host.fixed_mounts import FixedMounts
    from agent.host.mounts import MountTable
    from agent.host.root import HostRoot
    from agent.model.records import Gap

ALL = 1 << 30
"""Levels that no tree has."""
_LINKS = 40
"""Most links that one path may take, as in the kernel (path_resolution(7))."""


class Tree(NamedTuple):
    """A path that is watched with what is below it.

    path: Absolute, below the root; * in a name stands for any characters of it, but for a dot at its start.
    depth: Levels below it that are watched: 0 for the path alone, 1 for the names in it; None for all.
    """

    path: str
    depth: int | None = None


class Watched:
    """A place that is watched, or that leads to one.

    depth: Levels below it that are watched; -1 where it only leads to what is watched.
    below: The places in it that are named in the trees, by name, or by the pattern of their names.
    """

    def __init__(self) -> None:
        self.depth = -1
        self.below: dict[str, Watched] = {}

    def add(self, names: Iterable[str], depth: int) -> None:
        """Add a tree by the names that lead to it from here."""
        place = self
        for name in names:
            place = place.below.setdefault(name, Watched())
        place.depth = max(place.depth, depth)

    def named(self, name: str) -> list[Watched]:
        """Give the places in it that a name stands for: its own, and those of patterns that it fits."""
        return [place for key, place in self.below.items() if key == name or ("*" in key and fits(name, key))]


def fits(name: str, pattern: str) -> bool:
    """Tell whether a name fits one with stars, which do not stand for a dot at its start (glob(7))."""
    return fnmatchcase(name, literal(pattern)) and (pattern.startswith(".") or not name.startswith("."))


class Places:
    """Finds where trees really are; what cannot be looked at is reported, what does not exist is not."""

    def __init__(self, root: HostRoot, mounts: MountTable | FixedMounts, report: Callable[[Gap], None]) -> None:
        self._root = root
        self._mounts = mounts
        self._report = report
        self._real: set[str] = set()

    def watched(self, trees: Iterable[Tree]) -> Watched:
        """Give the root with the trees below it."""
        top = Watched()
        for tree in chain.from_iterable(map(self._found, trees)):
            try:
                for names, depth in self._places(tree):
                    top.add(names, depth)
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError as error:
                self._report(gap(tree.path, error, tree.path))
        return top

    def _found(self, tree: Tree) -> Iterator[Tree]:
        """Give the trees that one with stars stands for now; another as it is."""
        paths = self._expanded("", _names(tree.path)) if "*" in tree.path else (tree.path,)
        return (tree._replace(path=path) for path in paths)

    def _expanded(self, folder: str, todo: list[str]) -> Iterator[str]:
        """Give what names with stars, last first, stand for below a directory."""
        while todo:
            name = todo.pop()
            if "*" not in name:
                folder = f"{folder}/{name}"
                continue
            names = self._names_in(folder)
            if names is None:  # it is not touched; the walk tells
                break
            for found in names:
                if fits(found, name):
                    yield from self._expanded(f"{folder}/{found}", todo.copy())
            return
        yield folder

    def _names_in(self, folder: str) -> list[str] | None:
        """List a directory, wherever its links lead; nothing where it is not there, None where it may not be touched."""
        try:
            *_, (names, _) = self._places(Tree(folder))
            if any(name in self._mounts.stops_in(_path(names[:above])) for above, name in enumerate(names)):
                return None
            return self._root.names(folder or "/")
        except (FileNotFoundError, NotADirectoryError):
            return []
        except (OSError, LimitReached) as error:
            self._report(gap(folder, error, f"{folder}/"))
            return []

    def _places(self, tree: Tree) -> Iterator[tuple[list[str], int]]:
        """Give the links on the way and then the tree itself, each as the names that lead to it from the root."""
        todo = _names(tree.path)
        here: list[str] = []
        links = 0
        while todo:
            name = todo.pop()
            if name == "..":
                del here[-1:]
                continue
            folder = _path(here)
            here.append(name)
            if name in self._mounts.stops_in(folder):  # it is not touched; the walk tells
                here += reversed(todo)
                break
            target = self._target(f"{folder}/{name}")
            if target is None:
                continue
            links += 1
            if links > _LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), tree.path)
            yield here.copy(), 0
            del here[0 if target.startswith("/") else -1 :]
            todo += _names(target)
        yield here, ALL if tree.depth is None else tree.depth

    def _target(self, path: str) -> str | None:
        """Give where a path leads if it is a link; OSError as the kernel's where it does not exist."""
        if path not in self._real:
            if stat.S_ISLNK(self._root.stat(path, follow=False).st_mode):
                return self._root.link(path)
            self._real.add(path)
        return None


def _path(names: list[str]) -> str:
    return "".join(f"/{name}" for name in names)


def _names(path: str) -> list[str]:
    """Split a path into its names, last first."""
    return [name for name in path.split("/") if name not in ("", ".")][::-1]
