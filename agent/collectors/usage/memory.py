"""What the section keeps for its next run beside its snapshot: to which packages files belong, and what was loaded when.

Nothing of it is sent. Without it, or with one of another version of the agent, everything is looked up again.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from agent import __version__
from agent.host.errors import LimitReached
from agent.host.kept import read_kept, write_kept
from agent.inventory.ownership import Belonging, Known

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NAME = "known.json"
_LIMIT = 32 * 1024 * 1024
_FILES = 30_000
"""Files that are remembered of one tree."""

Mark = tuple[int, int, int, int]
"""Inode, size, mtime and ctime of the file that describes a package of a language."""


class TreeMemory(NamedTuple):
    """To which packages files of one tree belong, as long as its package databases are the same.

    looked_at: When files that belong to none were looked for last, seconds since 1970.
    files: The packages of each file.
    packages: What they are, by key.
    marks: Of packages of languages: as long as it is the same, so is what the tree says of them.
    """

    looked_at: int
    files: dict[str, tuple[Belonging, ...]]
    packages: dict[str, Known]
    marks: dict[str, Mark]


class Loaded(NamedTuple):
    """That a file in memory was of a package when that was installed in this version."""

    package: str
    version: str | None


class ScopeMemory(NamedTuple):
    """What is remembered of the host or of a container.

    identity: Tells this boot of the host, or this run of the container, from every other.
    loaded: What the files that are mapped were of, by device and inode, before they may have been replaced.
    pending: Opened files whose packages could not be told yet.
    """

    identity: str
    loaded: dict[str, tuple[Loaded, ...]]
    pending: Sequence[Opened] = ()


class Opened(NamedTuple):
    """A file that the watcher saw opened or executed.

    at: When, seconds since 1970.
    root: Whether by user 0 of the host.
    """

    path: str
    grade: str
    at: int
    root: bool


class Memory(NamedTuple):
    """All of it: trees by what their databases are, scopes by name."""

    trees: dict[str, TreeMemory]
    scopes: dict[str, ScopeMemory]


def recall(folder: str | None) -> Memory:
    """Read it; empty where there is none that makes sense."""
    try:
        written = json.loads(read_kept(folder, NAME, _LIMIT) or b"{}") if folder else {}
        if written.get("version") != __version__:
            return Memory({}, {})
        return Memory(
            {name: _tree(*tree) for name, tree in written["trees"].items()},
            {name: _scope(*scope) for name, scope in written["scopes"].items()},
        )
    except (OSError, LimitReached, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return Memory({}, {})


def remember(folder: str | None, memory: Memory) -> None:
    """Keep it; where that cannot be done everything is looked up again."""
    if folder is None:
        return
    written = {
        "version": __version__,
        "trees": {name: _bounded(tree) for name, tree in memory.trees.items()},
        "scopes": memory.scopes,
    }
    try:
        write_kept(folder, NAME, json.dumps(written, separators=(",", ":")).encode())
    except OSError:
        pass  # a full disk, which the snapshot's own failure tells of


def _bounded(tree: TreeMemory) -> TreeMemory:
    if len(tree.files) <= _FILES:
        return tree
    return tree._replace(files=dict(list(tree.files.items())[-_FILES:]))


def _tree(
    looked_at: int,
    files: Mapping[str, list[list[str]]],
    packages: Mapping[str, list[str]],
    marks: Mapping[str, list[int]],
) -> TreeMemory:
    return TreeMemory(
        looked_at,
        {path: tuple(Belonging(*each) for each in belongings) for path, belongings in files.items()},
        {key: Known(*fields) for key, fields in packages.items()},
        {key: (mark[0], mark[1], mark[2], mark[3]) for key, mark in marks.items()},
    )


def _scope(
    identity: str, loaded: Mapping[str, list[list[str]]], pending: Sequence[tuple[str, str, int, bool]]
) -> ScopeMemory:
    files = {file: tuple(Loaded(*each) for each in found) for file, found in loaded.items()}
    return ScopeMemory(identity, files, [Opened(*each) for each in pending])
