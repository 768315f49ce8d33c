"""Ruby: the gem in whose folder a file lies, or the default gem that lists it, which lies among Ruby's own library."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.inventory.belonging import Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.inventory.belonging.tree import Tree
    from agent.model.records import LanguagePackage

_GEM = re.compile(r"(.*)/(?:gems|extensions/[^/]+/[^/]+)/([^/]+-\d[^/]*)/")
_LIBRARY = re.compile(r"(.*/lib(?:/[^/]+-linux-\w+)?/ruby)/(?:vendor_ruby/)?(\d+\.\d+\.\d+)/(?:[^/]+-linux[^/]*/)?(.+)")
_SPECIFICATION_LIMIT = 1024 * 1024
_INTEGRATION = "/usr/share/rubygems-integration"
"""Where Debian and its kin put the specifications of gems whose files lie in Ruby's own library."""


def parts(tree: Tree, path: str) -> Iterator[Part]:
    """Give the gem that a file belongs to."""
    gem = _GEM.match(path)
    if gem:
        home, name = gem.groups()
        yield from map(Part, _specified(tree, f"{home}/specifications", f"{name}.gemspec"))
        return
    library = _LIBRARY.match(path)
    if library:
        ruby, version, inner = library.groups()
        yield from map(Part, _default(tree, f"{ruby}/gems/{version}/specifications/default", inner))


def unlisted(tree: Tree, path: str) -> Iterator[LanguagePackage]:
    """Give the gems whose files a distribution of Linux has put where no gem's folder is, so that only it knows them."""
    if not path.startswith("/usr/lib/"):
        return
    for interface in tree.names(_INTEGRATION):
        folder = f"{_INTEGRATION}/{interface}/specifications"
        for name in tree.names(folder):
            yield from _specified(tree, folder, name)


def _specified(tree: Tree, folder: str, name: str) -> Iterator[LanguagePackage]:
    return (each.package for each in tree.described(f"{folder}/{name}", "ruby"))


def _default(tree: Tree, folder: str, inner: str) -> Iterator[LanguagePackage]:
    """Give the default gems that list a file of Ruby's library as theirs."""
    listed = b'"lib/%b"' % inner.encode("utf-8", "surrogateescape")
    for name in tree.names(folder):
        if listed in tree.read(f"{folder}/{name}", _SPECIFICATION_LIMIT):
            yield from _specified(tree, folder, name)
