"""Java: the packages of the archive that a file is, and of the archives within it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.inventory.belonging import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.inventory.belonging.tree import Tree


def parts(tree: Tree, path: str) -> Iterator[Part]:
    """Give them; an archive is opened whole, so that of archives within it is only known that they are in what was used."""
    described = tree.described(path, "java")
    for package, _ in described:
        yield Part(package, None if len(described) == 1 and package.location == path else path)
