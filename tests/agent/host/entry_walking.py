"""Walking watched trees in tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.formats.path_patterns import compiled
from agent.host.entries import EntryWalk
from agent.host.entry_budget import USUAL
from agent.host.root import HostRoot
from agent.host.watched import Tree
from agent.model.codec import dumps

if TYPE_CHECKING:
    from collections.abc import Callable
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


def met(
    root: Path | str,
    *trees: Tree | str,
    excluded: tuple[str, ...] = (),
    budget: Budget = USUAL,
    each: Callable[[Entry], object] = lambda _: None,
) -> Met:
    """Walk, show each entry while its directory is open, and require what holds of every walk."""
    gaps: list[Gap] = []
    found = [Tree(tree) if isinstance(tree, str) else tree for tree in trees] or [Tree("/")]
    with EntryWalk(HostRoot(str(root)), found, compiled(excluded), gaps.append, budget) as walk:
        entries = {}
        for entry in walk.entries():
            assert entry.path not in entries
            entries[entry.path] = entry
            each(entry)
    keys = [entry.key for entry in entries.values()]
    assert keys == [dumps(path) for path in entries]
    assert keys == sorted(keys)
    return Met(entries, gaps, walk)
