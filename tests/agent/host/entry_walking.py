"""Walking watched trees in tests."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from agent.formats.path_patterns import compiled
from agent.host.entries import EntryWalk
from agent.host.entry_budget import USUAL
from agent.host.root import HostRoot
from agent.host.watched import Tree
from agent.model.codec import dumps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from agent.host.entries import Entry
    from agent.host.entry_budget import Budget
    from agent.model.records import Gap


class Met(NamedTuple):
    """What a walk gave."""

    entries: dict[str, Entry]
    gaps: list[Gap]
    walk: EntryWalk

    @property
    def paths(self) -> list[str]:
        """The paths in the order in which they were met."""
        return list(self.entries)

    @property
    def hidden(self) -> list[tuple[str, str, str | None]]:
        """What its gaps say."""
        return [(gap.subject, gap.reason, gap.hides) for gap in self.gaps]


@contextmanager
def acting_as(uid: int) -> Iterator[None]:
    """Be another user for a while, or stay who one is."""
    if uid:
        os.seteuid(uid)
    try:
        yield
    finally:
        if uid:
            os.seteuid(0)


def met(
    root: Path | str | HostRoot,
    *trees: Tree | str,
    excluded: tuple[str, ...] = (),
    budget: Budget = USUAL,
    each: Callable[[Entry], object] = lambda _: None,
    uid: int = 0,
) -> Met:
    """Walk as a user, show each entry while its directory is open, and require what holds of every walk."""
    gaps: list[Gap] = []
    found = [Tree(tree) if isinstance(tree, str) else tree for tree in trees] or [Tree("/")]
    host = root if isinstance(root, HostRoot) else HostRoot(str(root))
    entries: dict[str, Entry] = {}
    with EntryWalk(host, found, compiled(excluded), gaps.append, budget) as walk, acting_as(uid):
        for entry in walk.entries():
            assert entry.path not in entries
            entries[entry.path] = entry
            each(entry)
    keys = [entry.key for entry in entries.values()]
    assert keys == [dumps(path) for path in entries]
    assert keys == sorted(keys)
    return Met(entries, gaps, walk)
