"""All languages together: the packages of a file, whichever it is of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.inventory import code
from agent.inventory.belonging import java, node, php, programs, ruby
from agent.inventory.belonging.python import Bases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.inventory.belonging import Part
    from agent.inventory.belonging.tree import Tree
    from agent.model.records import LanguagePackage


class Belongings:
    """Looks files of one tree up."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._bases = Bases(tree)

    def parts(self, path: str, executed: bool) -> Iterator[Part]:
        """Give the packages of languages that a file belongs to, which may be none, or one within another.

        executed: Whether it is a program that ran.
        """
        language = code.language(path)
        if executed:
            yield from programs.parts(self._tree, path)
            yield from self._bases.commands(path)
        if language == code.JAVA:
            yield from java.parts(self._tree, path)
        if language == code.PHP:
            yield from php.parts(self._tree, path)
        yield from self._bases.parts(path)
        yield from node.parts(self._tree, path)
        yield from ruby.parts(self._tree, path)

    def unlisted(self, path: str) -> Iterator[LanguagePackage]:
        """Give the packages around a file that do not say which files are theirs; whose owner owns the file, they may be its."""
        language = code.language(path)
        if language in (code.PYTHON, code.NATIVE):
            yield from self._bases.unlisted(path)
        if language == code.RUBY:
            yield from ruby.unlisted(self._tree, path)
