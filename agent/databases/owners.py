"""Which packages of the operating system own files: the lists of package databases, read once for many files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.databases import Owned
from agent.databases.merged import merged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from agent.databases import Database
    from agent.databases.merged import Merged
    from agent.host.root import HostRoot
    from agent.model.records import Gap


def owners(
    databases: Sequence[Database], root: HostRoot, paths: Iterable[str], report: Callable[[Gap], None]
) -> dict[str, str]:
    """Give the key of the package that owns a file, for those of the paths that any package owns.

    paths: As they are without links. Databases may list them by the links that merged directories left behind.
    """
    if not databases:
        return {}
    wanted = _by_every_name(paths, merged(root))
    found: dict[str, str] = {}
    whole: dict[str, str] = {}
    for database in databases:
        for owned in database.owned(root):
            if not isinstance(owned, Owned):
                report(owned)
                continue
            for name in wanted.keys() & owned.paths:
                found.setdefault(wanted[name], owned.owner)
            whole.update(dict.fromkeys(owned.directories, owned.owner))
    return {**_in_directories(wanted.values(), whole), **found}


def _in_directories(paths: Iterable[str], whole: dict[str, str]) -> dict[str, str]:
    """Give the owners of the directories that paths are in; whole has directories that are owned whole."""
    return {
        path: whole[directory] for path in (paths if whole else ()) for directory in _above(path) if directory in whole
    }


def _above(path: str) -> Iterator[str]:
    """Give the directories above a path, each with a slash at its end, the nearest one last."""
    at = path.find("/")
    while at >= 0:
        yield path[: at + 1]
        at = path.find("/", at + 1)


def _by_every_name(paths: Iterable[str], links: Merged) -> dict[str, str]:
    """Give the paths by the names that a database may have for them."""
    wanted: dict[str, str] = {}
    for path in paths:
        for name in links.names(path):
            wanted.setdefault(name, path)
        wanted[path] = path
    return wanted
