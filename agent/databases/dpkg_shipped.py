"""The files of dpkg's packages as they were shipped: conffiles as status has them, others as their md5sums do.

What counts is the list of a package: md5sums keep the lines of files that another package has taken over since, and
have none for links and for what a package makes as it is installed.
"""

from __future__ import annotations

import os
from errno import ENOENT
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from agent.databases import Shipped
from agent.databases.directories import Directories
from agent.databases.dpkg_failures import Failures
from agent.databases.dpkg_files import LIMIT, SCRIPTS, SUBJECT, packages, sums_of_image
from agent.databases.dpkg_package import INFO, files_named, key_of
from agent.databases.dpkg_places import malformed_lines, places
from agent.formats.dpkg_files import conffiles, lines, summed
from agent.host.errors import LimitReached
from agent.model.record import replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.databases.dpkg_places import Places
    from agent.formats.dpkg import Stanza
    from agent.host.directory import Directory
    from agent.host.root import HostRoot
    from agent.model.records import Gap

_SCRIPTS = tuple(f".{script}" for script in SCRIPTS)
_EVERY = "/"
"""What gaps hide for which the owners of files are not known."""


class _Package(NamedTuple):
    """A package, and where dpkg put its files."""

    stanza: Stanza
    key: str
    where: Places

    def file(self, path: str, md5: str | None, configuration: bool = False) -> Shipped:
        """Give one of its files."""
        return Shipped(self.place(path), self.key, md5 and f"md5:{md5}", configuration)

    def place(self, path: str) -> str:
        """Tell where one of its files was put."""
        return self.where.of(path, self.stanza.name or "") if self.where.diverted else path


def shipped(root: HostRoot) -> Iterator[Shipped | Gap]:
    """Give the files of every package that has a list, with links and maintainer scripts, which have no digest."""
    unlisted, unsummed = Failures(SUBJECT, _EVERY), Failures("checksums of files of packages of dpkg")
    where, unread = places(root)
    yield from (replace(problem, hides=_EVERY) for problem in unread)
    directories = Directories()
    scripts: frozenset[str] | None = None
    for info, stanza in packages(root, unlisted):
        if scripts is None:
            scripts = _scripts(info, unlisted)
        package = _Package(stanza, key_of(stanza), where)
        yield from _of_package(package, info, directories, unlisted, unsummed)
        yield from _of_scripts(package, scripts)
    for sums in sums_of_image(root, unlisted):
        package = _Package(sums.package, key_of(sums.package), where)
        if sums.content is None:
            unlisted.note(sums.path, FileNotFoundError(ENOENT, "no checksums are beside it"))
        else:
            left = {hash(path) for _, path in summed(sums.content)}
            yield from _of_sums(package, sums.content, sums.path, left)
    yield from directories.shipped()
    yield from unlisted.gaps()
    yield from unsummed.gaps()


def _of_package(
    package: _Package, info: Directory, directories: Directories, unlisted: Failures, unsummed: Failures
) -> Iterator[Shipped | Gap]:
    """Give the files of a package of status; those of its md5sums alone where its list cannot be read.

    The list is read twice, so that it is not in memory beside the md5sums.
    """
    named = files_named(package.stanza)
    listed, sums = f"{named}.list", f"{named}.md5sums"
    listing = _read(info, listed, unlisted)
    left, above, malformed = _left(listing or b"")
    for directory in above:
        directories.add(package.place(os.fsdecode(directory)), package.key)
    if malformed:
        yield malformed_lines(f"{INFO}/{listed}", malformed, _EVERY)
    is_listed = listing is not None
    del listing
    checksums = _checksums(info, sums, unsummed)
    if not is_listed:
        left = {hash(path) for _, path in summed(checksums)}
    yield from _of_stanza(package, left)
    yield from _of_sums(package, checksums, f"{INFO}/{sums}", left)
    del checksums
    if left:
        yield from _of_list(package, _read(info, listed, unlisted) or b"", left)


def _of_stanza(package: _Package, left: set[int]) -> Iterator[Shipped | Gap]:
    """Give the conffiles of a package, and take them away from what is left."""
    configuration, malformed = conffiles(package.stanza.text)
    for path, md5, flags in configuration:
        left.discard(hash(os.fsencode(path[1:])))
        if "remove-on-upgrade" not in flags:
            yield package.file(path, md5, configuration=True)
    if malformed:
        yield malformed_lines(f"conffiles of {package.key}", malformed)


def _of_sums(package: _Package, content: bytes, file: str, left: set[int]) -> Iterator[Shipped | Gap]:
    """Give the files of md5sums that are left, and take them away."""
    count = 0
    key = package.key
    for md5, path in summed(content):
        count += 1
        mark = hash(path)
        if mark in left:
            left.remove(mark)
            place = package.place(f"/{path.decode('utf-8', 'surrogateescape')}")
            yield Shipped(place, key, f"md5:{md5}", False)
    if count != lines(content):
        yield malformed_lines(file, lines(content) - count)


def _of_list(package: _Package, content: bytes, left: set[int]) -> Iterator[Shipped]:
    """Give the files of a list that are left."""
    for line in BytesIO(content):
        if hash(line[1:].rstrip(b"\n")) in left:
            yield package.file(line.rstrip(b"\n").decode("utf-8", "surrogateescape"), None)


def _of_scripts(package: _Package, scripts: frozenset[str]) -> Iterator[Shipped]:
    for script in SCRIPTS:
        name = f"{files_named(package.stanza)}.{script}"
        if name in scripts:
            yield Shipped(f"{INFO}/{name}", package.key, None, False)


def _left(listing: bytes) -> tuple[set[int], set[bytes], int]:
    """Give hashes of the paths of a list, without their leading slash, its directories, and how many of its lines are none.

    Directories are what is above a path, and not among the first. The paths themselves would take three times the memory, where the largest packages have 40,000.
    """
    above = {line[: line.rfind(b"/")] for line in BytesIO(listing) if line.startswith(b"/")}
    paths = {hash(line[1:].rstrip(b"\n")) for line in BytesIO(listing) if line.startswith(b"/")}
    paths -= {hash(directory[1:]) for directory in above}
    paths.discard(hash(b"."))
    return paths, above - {b""}, lines(listing) - listing.count(b"\n/") - listing.startswith(b"/")


def _scripts(info: Directory, unlisted: Failures) -> frozenset[str]:
    """Give the names of all maintainer scripts."""
    try:
        return frozenset(name for name in info.names() if name.endswith(_SCRIPTS))
    except (OSError, LimitReached) as error:
        unlisted.note(INFO, error)
        return frozenset()


def _checksums(info: Directory, name: str, failures: Failures) -> bytes:
    """Read md5sums, which a package without files does not have, and some that are no work of dh_md5sums."""
    try:
        return info.read(name, LIMIT)
    except FileNotFoundError:
        return b""
    except (OSError, LimitReached, ValueError) as error:
        failures.note(f"{INFO}/{name}", error)
        return b""


def _read(info: Directory, name: str, failures: Failures) -> bytes | None:
    try:
        return info.read(name, LIMIT)
    except (OSError, LimitReached, ValueError) as error:
        failures.note(f"{INFO}/{name}", error)
        return None
