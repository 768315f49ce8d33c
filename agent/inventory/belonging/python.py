"""Python: the distributions that a file belongs to, by the lists of files beside it or of top-level names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from agent.inventory.belonging import Part
from agent.inventory.belonging.tree import folders_above
from agent.inventory.language_package import LanguagePackages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.inventory.belonging.tree import Tree
    from agent.inventory.languages import Finding
    from agent.model.records import LanguagePackage

_METADATA = {".dist-info": "METADATA", ".egg-info": "PKG-INFO", ".egg": "EGG-INFO/PKG-INFO"}
_COMPILED = re.compile(r"(?:__pycache__/)?([^/]+?)(?:\.[a-z]+-\d+(?:\.opt-\w+)?)?\.py[co]$")
_ARCHIVES = (".egg", ".pyz", ".pyzw", ".pex")
_NO_BASES = frozenset(("/usr", "/usr/lib", "/usr/local", "/usr/local/lib", "/usr/share", "/opt", "/var", "/var/lib"))
"""Directories above where libraries are, which are large and no part of a path of Python's."""
_RECORD_LIMIT = 4 * 1024 * 1024
_NAMES_LIMIT = 64 * 1024
_TOP_LEVEL = 1000


class _Distribution(NamedTuple):
    """A distribution that a base directory describes.

    package: Its record.
    listing: Its list of files, below the root; None where it has none.
    """

    package: LanguagePackage
    listing: str | None


class Base:
    """A directory with distributions in it: site-packages, or any other that metadata lies in.

    unlisted: Those that do not say which files are theirs.
    """

    def __init__(self, tree: Tree, folder: str) -> None:
        self.folder = folder
        self._tree = tree
        self._claimed: dict[str, list[_Distribution]] = {}
        self.unlisted: list[LanguagePackage] = []
        records = LanguagePackages(licenses=False)
        for name in tree.names(folder):
            for finding in _described(tree, folder, name):
                self._add(records.record(finding, None), finding, f"{folder}/{name}")

    def packages_of(self, path: str) -> Iterator[LanguagePackage]:
        """Give the distributions that a file of this directory belongs to, mostly one."""
        source = source_of(path)
        found = self._claimed.get(source) or self._claimed.get(path) or self._around(source)
        if len(found) > 1:
            found = [each for each in found if each.listing and self._lists(each.listing, source, path)]
        return (each.package for each in found)

    def claiming(self, path: str) -> Iterator[LanguagePackage]:
        """Give the distributions that say that a file elsewhere is theirs."""
        return (each.package for each in self._claimed.get(path, ()))

    def _around(self, path: str) -> list[_Distribution]:
        """Give those that claim a directory above a file."""
        for folder in folders_above(path):
            if folder == self.folder:
                break
            claimed = self._claimed.get(f"{folder}/")
            if claimed:
                return claimed
        return []

    def _lists(self, listing: str, *paths: str) -> bool:
        """Tell whether a RECORD has a file of a directory that several distributions share."""
        content = b"\n" + self._tree.read(listing, _RECORD_LIMIT)
        ours = (path[len(self.folder) + 1 :].encode("utf-8", "surrogateescape") for path in paths)
        return any(b"\n%b," % each in content or b'\n"%b",' % each in content for each in ours)

    def _add(self, package: LanguagePackage, finding: Finding, metadata: str) -> None:
        claims = finding.claims or tuple(self._top_level(metadata))
        listing = f"{metadata}/RECORD" if metadata.endswith(".dist-info") else None
        distribution = _Distribution(package, listing)
        for claim in claims:
            self._claimed.setdefault(claim, []).append(distribution)
        if not claims:
            self.unlisted.append(package)

    def _top_level(self, metadata: str) -> Iterator[str]:
        """Give the claims of a distribution without a list, as distributions of Linux ship them, by its top_level.txt."""
        names = self._tree.read(f"{metadata}/top_level.txt", _NAMES_LIMIT).decode("utf-8", "surrogateescape").split()
        for name in names[:_TOP_LEVEL]:
            yield f"{self.folder}/{name}/"
            yield f"{self.folder}/{name}.py"


class Bases:
    """The bases of a tree."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._bases: dict[str, Base | None] = {}

    def parts(self, path: str) -> Iterator[Part]:
        """Give the distributions that a file belongs to: what vendors another one is a part of its use, too.

        A zip file that Python runs, or imports from, is used with all that is in it.
        """
        if path.endswith(_ARCHIVES):
            yield from (Part(package, path) for package, _ in self._tree.described(path, "python"))
        for folder in folders_above(path):
            base = self._base(folder)
            if base:
                yield from map(Part, base.packages_of(path))

    def commands(self, path: str) -> Iterator[Part]:
        """Give the distributions that installed a program in the bin of a prefix, whose libraries are beside it."""
        prefix, _, folder = path.rpartition("/")[0].rpartition("/")
        if folder not in ("bin", "sbin"):
            return
        for name in self._tree.names(f"{prefix}/lib"):
            if name.startswith("python"):
                for site in ("site-packages", "dist-packages"):
                    base = self._base(f"{prefix}/lib/{name}/{site}")
                    if base:
                        yield from map(Part, base.claiming(path))

    def unlisted(self, path: str) -> Iterator[LanguagePackage]:
        """Give the distributions around a file that do not say which files are theirs."""
        for folder in folders_above(path):
            base = self._base(folder)
            if base:
                yield from base.unlisted

    def _base(self, folder: str) -> Base | None:
        if folder not in self._bases:
            is_base = folder not in _NO_BASES and any(map(_is_metadata, self._tree.names(folder)))
            self._bases[folder] = Base(self._tree, folder) if is_base else None
        return self._bases[folder]


def source_of(path: str) -> str:
    """Give the path of the source that a compiled file was made from (PEP 3147); that of any other file as it is."""
    if not path.endswith((".pyc", ".pyo")):
        return path
    folder, _, name = path.rpartition("/")
    if folder.endswith("/__pycache__"):
        folder, name = folder[: -len("/__pycache__")], _COMPILED.sub(r"\1.py", name)
    else:
        name = name[:-1]
    return f"{folder}/{name}"


def _is_metadata(name: str) -> bool:
    return name.endswith(tuple(_METADATA))


def _described(tree: Tree, folder: str, name: str) -> list[Finding]:
    """Give what a name in a base says of a distribution."""
    ending = next((ending for ending in _METADATA if name.endswith(ending)), None)
    if ending is None:
        return []
    inside = tree.findings(f"{folder}/{name}/{_METADATA[ending]}", "python")
    return inside or (tree.findings(f"{folder}/{name}", "python") if ending != ".dist-info" else [])
