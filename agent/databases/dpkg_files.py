"""The files of dpkg's packages: the lists in var/lib/dpkg/info, and the checksums in status.d of distroless images."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.databases import Owned
from agent.databases.dpkg_failures import Failures
from agent.databases.dpkg_package import INFO, STATUS_D, files_named, key_of
from agent.databases.dpkg_places import malformed_lines, places
from agent.databases.dpkg_state import look, merged
from agent.formats.dpkg import CutOff, Stanza, whole
from agent.formats.dpkg_files import lines, listed, parts, summed
from agent.host.errors import LimitReached

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.host.directory import Directory
    from agent.host.root import HostRoot
    from agent.model.records import Gap

SUBJECT = "files of packages of dpkg"
LIMIT = 32 * 1024 * 1024
"""Bytes of a list; the longest that was seen has 5 MB."""
SCRIPTS = ("preinst", "postinst", "prerm", "postrm", "config")
"""What a package's maintainer scripts are called behind its name; they are executable and in no list (deb(5))."""
_STANZAS = 1024 * 1024
_NOT_INSTALLED = "not-installed"


class Sums(NamedTuple):
    """The md5sums of a package of an image.

    content: What they say; None where it has none, so that nobody knows its files.
    path: The file that says it, or else describes the package.
    """

    package: Stanza
    content: bytes | None
    path: str


def owned(root: HostRoot) -> Iterator[Owned | Gap]:
    """Give the files of every package where they were put, with its scripts, and with directories, which dpkg does not tell apart."""
    failures = Failures(SUBJECT)
    where, unread = places(root)
    yield from unread
    for info, stanza in packages(root, failures):
        name = f"{files_named(stanza)}.list"
        try:
            content = info.read(name, LIMIT)
        except (OSError, LimitReached, ValueError) as error:
            failures.note(f"{INFO}/{name}", error)
            continue
        malformed = 0
        for part in parts(content):
            paths, others = listed(part)
            malformed += others
            yield Owned(key_of(stanza), where.all(paths, stanza.name or ""))
        yield Owned(key_of(stanza), [f"{INFO}/{files_named(stanza)}.{script}" for script in SCRIPTS])
        if malformed:
            yield malformed_lines(f"{INFO}/{name}", malformed)
    for sums in sums_of_image(root, failures):
        content = sums.content or b""
        paths = [f"/{path.decode('utf-8', 'surrogateescape')}" for _, path in summed(content)]
        yield Owned(key_of(sums.package), where.all(paths, sums.package.name or ""))
        if len(paths) != lines(content):
            yield malformed_lines(sums.path, lines(content) - len(paths))
    yield from failures.gaps()


def packages(root: HostRoot, failures: Failures) -> Iterator[tuple[Directory, Stanza]]:
    """Give the packages of status with the directory of their lists; without a status there are none."""
    try:
        state = look(root)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        failures.note("status", error)
        return
    with state.status:
        try:
            with root.directory(INFO) as info:
                for stanza in merged(state):
                    if stanza.name and not (stanza.status or "").endswith(_NOT_INSTALLED):
                        yield info, stanza
        except (OSError, LimitReached, CutOff) as error:
            failures.note("status", error)


def sums_of_image(root: HostRoot, failures: Failures) -> Iterator[Sums]:
    """Give the checksums of status.d: they are named as the file beside them, or as the package.

    Builders of images named the files by packages, or by packages in base64.
    """
    try:
        names = root.names(STATUS_D)
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, LimitReached) as error:
        failures.note(STATUS_D, error)
        return
    for name in names:
        if not name.endswith(".md5sums"):
            path = f"{STATUS_D}/{name}"
            try:
                for stanza in whole(root.read(path, _STANZAS)):
                    beside = {f"{name}.md5sums", f"{stanza.name}.md5sums"}.intersection(names)
                    sums = f"{STATUS_D}/{min(beside)}" if beside else None
                    yield Sums(stanza, root.read(sums, LIMIT) if sums else None, sums or path)
            except (OSError, LimitReached) as error:
                failures.note(path, error)
