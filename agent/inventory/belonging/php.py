"""PHP: the package of Composer that claims the folder that a file lies in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.inventory.belonging import Part
from agent.inventory.belonging.tree import folders_above

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.inventory.belonging.tree import Tree

_INSTALLED = "composer/installed.json"


def parts(tree: Tree, path: str) -> Iterator[Part]:
    """Give the package; the nearest folder around the file that Composer manages decides."""
    for folder in folders_above(path):
        described = tree.described(f"{folder}/{_INSTALLED}", "php") if "composer" in tree.names(folder) else ()
        yield from (Part(each.package) for each in described if each.claims and path.startswith(each.claims))
        if described:
            return
