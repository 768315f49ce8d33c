"""Which of the installed builds the indexes have that apt keeps: the indexes are searched for their names as streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.databases.apt_lists import LISTS, unread
from agent.databases.apt_makers import DISTRIBUTION, THIRD_PARTY
from agent.databases.dpkg_state import STATUS, UPDATES
from agent.formats.compressed import plain
from agent.formats.package_index import Entry, entries
from agent.host.errors import LimitReached

if TYPE_CHECKING:
    import io
    from collections.abc import Iterable, Iterator

    from agent.databases.apt_lists import Listed
    from agent.host.root import HostRoot
    from agent.model.records import Gap

_PIECE = 128 * 1024
_LIMIT = 1024 * 1024 * 1024
"""Plain bytes of all indexes together; all of Ubuntu's are a fifth of that."""
_CORE = b"base-files"
"""A package that every distribution on dpkg builds for itself, and nobody else does."""


class Build(NamedTuple):
    """What tells one build of a package from another."""

    name: bytes
    version: bytes
    architecture: bytes


class Found(NamedTuple):
    """The repositories that have builds which are installed.

    own: Those of the distribution.
    foreign: Those of third parties.
    gaps: Indexes that could not be read.
    """

    own: dict[Build, Listed]
    foreign: dict[Build, Listed]
    gaps: list[Gap]


def search(root: HostRoot, repositories: Iterable[Listed]) -> Found:
    """Look for the installed builds in the indexes of repositories whose provenance is known.

    A distribution's main part counts before its other parts. What a third party's index has together with
    the installed base-files is a copy of a distribution under another name, and tells nothing.
    """
    installed = _installed(root)
    found = Found({}, {}, [])
    budget = _Budget(_LIMIT)
    for repository in sorted(repositories, key=lambda listed: (listed.channel is not None, listed.name)):
        if repository.provenance == DISTRIBUTION:
            for build in _matches(root, repository, installed, budget, found.gaps):
                found.own.setdefault(build, repository)
        elif repository.provenance == THIRD_PARTY:
            builds = set(_matches(root, repository, installed, budget, found.gaps))
            if all(build.name != _CORE for build in builds):
                found.foreign.update(dict.fromkeys(builds, repository))
    return found


class _Budget:
    """What may be read of all indexes together."""

    def __init__(self, left: int) -> None:
        self._left = left

    def spend(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Give chunks on; LimitReached when nothing is left."""
        for chunk in chunks:
            self._left -= len(chunk)
            if self._left < 0:
                raise LimitReached(f"more than {_LIMIT} bytes of indexes")
            yield chunk


def _installed(root: HostRoot) -> dict[bytes, list[Entry]]:
    """Give what dpkg lists, by name; what cannot be read is reported where packages are."""
    listed: dict[bytes, list[Entry]] = {}
    for path in (STATUS, *_journal(root)):
        try:
            with root.open(path) as file:
                for entry in entries(_pieces(file)):
                    listed.setdefault(entry.name, []).append(entry)
        except (OSError, LimitReached):
            continue
    return listed


def _matches(
    root: HostRoot, repository: Listed, installed: dict[bytes, list[Entry]], budget: _Budget, gaps: list[Gap]
) -> Iterator[Build]:
    """Give the installed builds that a repository has, and of its distribution's those of the same source."""
    own = repository.provenance == DISTRIBUTION
    for index in repository.indexes:
        try:
            with root.open(f"{LISTS}/{index}", _LIMIT) as file:
                pieces = plain(_pieces(file), index[index.rindex("_Packages") + len("_Packages") :])
                for entry in entries(budget.spend(pieces), installed):
                    yield from (_build(there) for there in installed[entry.name] if _is_of(entry, there, own))
        except (OSError, LimitReached, ValueError) as error:
            gaps.append(unread(f"apt index of {repository.name}", error, None))


def _is_of(entry: Entry, installed: Entry, own: bool) -> bool:
    if entry.architecture != installed.architecture:
        return False
    return entry.version == installed.version or (own and entry.source_version == installed.source_version)


def _build(entry: Entry) -> Build:
    return Build(entry.name, entry.version, entry.architecture)


def _journal(root: HostRoot) -> list[str]:
    try:
        return list(root.glob(f"{UPDATES}/[0-9]*"))
    except (OSError, LimitReached):
        return []


def _pieces(file: io.BufferedReader) -> Iterator[bytes]:
    return iter(lambda: file.read1(_PIECE), b"")
