"""The files of dpkg's packages and what they were shipped as: var/lib/dpkg/info, and status.d of distroless images."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.databases import Owned, Shipped
from agent.databases.dpkg_failures import Failures
from agent.databases.dpkg_package import INFO, STATUS_D, files_named, key_of
from agent.databases.dpkg_places import Lists, malformed_lines, places
from agent.databases.dpkg_state import look, merged
from agent.formats.dpkg import CutOff, Stanza, whole
from agent.formats.dpkg_files import conffiles, summed
from agent.host.errors import LimitReached

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.databases.dpkg_places import Places
    from agent.host.directory import Directory
    from agent.host.root import HostRoot
    from agent.model.records import Gap

_SUBJECT = "files of packages of dpkg"
_LIMIT = 32 * 1024 * 1024
"""Bytes of a list; the longest that was seen has 5 MB."""
_STANZAS = 1024 * 1024
_GONE = ("not-installed", "config-files")
_SCRIPTS = ("preinst", "postinst", "prerm", "postrm", "config")
"""What a package's maintainer scripts are called behind its name; they are executable and in no list (deb(5))."""


class _Sums(NamedTuple):
    """The md5sums of a package: what they say, and the file that says it."""

    package: Stanza
    content: bytes
    path: str


def owned(root: HostRoot) -> Iterator[Owned | Gap]:
    """Give the files of every package where they lie, with its scripts, and with directories, which dpkg does not tell apart."""
    failures = Failures(_SUBJECT)
    where, unread = places(root)
    yield from unread
    lists = Lists(where)
    for stanza, content, path in _lists(root, failures):
        paths, malformed = lists.places(content, stanza.name or "")
        yield Owned(key_of(stanza), paths + [f"{INFO}/{files_named(stanza)}.{script}" for script in _SCRIPTS])
        if malformed:
            yield malformed_lines(path, malformed)
    for stanza, content, path in _sums_of_image(root, failures):
        sums, malformed = summed(content)
        yield Owned(key_of(stanza), [where.of(file, stanza.name or "") for _, file in sums])
        if malformed:
            yield malformed_lines(path, malformed)
    yield from failures.gaps()


def shipped(root: HostRoot) -> Iterator[Shipped | Gap]:
    """Give the files of every package as they were shipped: conffiles as status has them, all others as md5sums do."""
    failures = Failures(_SUBJECT)
    where, unread = places(root)
    yield from unread
    for sums in _sums(root, failures):
        yield from _shipped(sums, where)
    for sums in _sums_of_image(root, failures):
        yield from _shipped(sums, where)
    yield from failures.gaps()


def _shipped(sums: _Sums, where: Places) -> Iterator[Shipped | Gap]:
    stanza = sums.package
    key, name = key_of(stanza), stanza.name or ""
    configuration, malformed = conffiles(stanza.text)
    for path, md5, flags in configuration:
        if "remove-on-upgrade" not in flags:
            yield Shipped(where.of(path, name), key, f"md5:{md5}" if md5 else None, True)
    if malformed:
        yield malformed_lines(f"conffiles of {key}", malformed)
    named = {path for path, _, _ in configuration}
    files, malformed = summed(sums.content)
    for md5, path in files:
        if path not in named:
            yield Shipped(where.of(path, name), key, f"md5:{md5}", False)
    if malformed:
        yield malformed_lines(sums.path, malformed)


def _lists(root: HostRoot, failures: Failures) -> Iterator[_Sums]:
    """Give the lists of the packages of status; one that is missing is a failure, as it is to dpkg itself."""
    for info, stanza in _packages(root, failures):
        name = f"{files_named(stanza)}.list"
        try:
            yield _Sums(stanza, info.read(name, _LIMIT), f"{INFO}/{name}")
        except (OSError, LimitReached, ValueError) as error:
            failures.note(f"{INFO}/{name}", error)


def _sums(root: HostRoot, failures: Failures) -> Iterator[_Sums]:
    """Give the checksums of the installed packages of status; a package without files has none."""
    for info, stanza in _packages(root, failures):
        if (stanza.status or "").endswith(_GONE):
            continue
        name = f"{files_named(stanza)}.md5sums"
        content = b""
        try:
            content = info.read(name, _LIMIT)
        except FileNotFoundError:
            pass
        except (OSError, LimitReached, ValueError) as error:
            failures.note(f"{INFO}/{name}", error)
        yield _Sums(stanza, content, f"{INFO}/{name}")


def _packages(root: HostRoot, failures: Failures) -> Iterator[tuple[Directory, Stanza]]:
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
                    if stanza.name and not (stanza.status or "").endswith(_GONE[0]):
                        yield info, stanza
        except (OSError, LimitReached, CutOff) as error:
            failures.note("status", error)


def _sums_of_image(root: HostRoot, failures: Failures) -> Iterator[_Sums]:
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
            try:
                for stanza in whole(root.read(f"{STATUS_D}/{name}", _STANZAS)):
                    beside = {f"{name}.md5sums", f"{stanza.name}.md5sums"}.intersection(names)
                    for path in (f"{STATUS_D}/{sums}" for sums in sorted(beside)[:1]):
                        yield _Sums(stanza, root.read(path, _LIMIT), path)
            except (OSError, LimitReached) as error:
                failures.note(f"{STATUS_D}/{name}", error)
