"""Node.js: the package in whose folder below node_modules a file lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.inventory.belonging import Part
from agent.inventory.belonging.tree import folders_above

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.inventory.belonging.tree import Tree

_PLACES = ("/node_modules/", "/usr/share/nodejs/")


def parts(tree: Tree, path: str) -> Iterator[Part]:
    """Give the innermost package; what lies deeper than a package.json of its own is asked for it first."""
    for folder in folders_above(path):
        if not any(place in f"{folder}/" for place in _PLACES):
            return
        found = tree.described(f"{folder}/package.json", "node")
        if found:
            yield Part(found[0].package)
            return
