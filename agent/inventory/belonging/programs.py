"""Go and Rust: the modules and crates that were built into a program, and so are executed with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.inventory.belonging import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.inventory.belonging.tree import Tree


def parts(tree: Tree, path: str) -> Iterator[Part]:
    """Give what the program itself says that it was built of."""
    for language in ("go", "rust"):
        yield from (Part(package, path) for package, _ in tree.described(path, language))
