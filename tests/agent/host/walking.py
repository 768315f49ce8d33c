"""Walks of tests: what they show and what they report."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.host.listing import Wanted
from agent.host.root import HostRoot
from agent.host.walk import USUAL, Budget, TreeWalk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from agent.host.found import Found
    from agent.model.records import Gap

ALL = Wanted(frozenset(), ("",), True)
"""Every regular file."""


class Walked(NamedTuple):
    """What came of a walk: the paths that it showed in its order, the gaps, and the walk itself."""

    paths: list[str]
    gaps: list[Gap]
    walk: TreeWalk


def walked(
    root: Path | str,
    wanted: Wanted = ALL,
    budget: Budget = USUAL,
    each: Callable[[Found], object] = lambda found: None,
    observe: Callable[[str], None] | None = None,
) -> Walked:
    """Walk over a root and look at each file that is shown."""
    gaps: list[Gap] = []
    paths = []
    tree = HostRoot(str(root), observe)
    try:
        with TreeWalk(tree, wanted, budget, gaps.append) as walk:
            for found in walk.files():
                paths.append(found.path)
                each(found)
    finally:
        tree.close()
    return Walked(paths, gaps, walk)
