"""Where flatpak has installed something: its directories of the system, and in the homes of etc/passwd.

flatpak keeps no list: app and runtime hold <id>/<architecture>/<branch>/active, a link to the directory
of the commit that is installed (flatpak, common/flatpak-dir.c).
"""

from __future__ import annotations

import stat
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from agent.databases.flatpak_package import Reference
from agent.formats.passwd import homes
from agent.host.errors import LimitReached, gap
from agent.host.locality import Locality
from agent.model.records import Gap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agent.host.root import HostRoot

SYSTEM = "/var/lib/flatpak"

_USERS_FILE = "/etc/passwd"
_OF_A_USER = ".local/share/flatpak"
_KINDS = ("app", "runtime")
_DEPTH = 4
"""Names that the path of a home may have; others are not looked at."""
_HOMES = tuple("/*" * depth for depth in range(1, _DEPTH + 1))
_ABOVE = ("", "/.local", "/.local/share", f"/{_OF_A_USER}")
_BELOW = tuple(
    f"/{kind}{'/*' * depth}{end}"
    for kind in _KINDS
    for depth, end in ((0, ""), (1, ""), (2, ""), (3, ""), (3, "/active"), (4, "/deploy"))
)
READS: tuple[str, ...] = (
    "/usr/bin/flatpak",
    _USERS_FILE,
    *(f"{home}{rest}" for home in _HOMES for rest in _ABOVE),
    *(f"{place}{rest}" for place in (SYSTEM, *(f"{home}/{_OF_A_USER}" for home in _HOMES)) for rest in _BELOW),
)

_USERS_LIMIT = 4 * 1024 * 1024
_USERS = 10_000
_LOOKS = 5_000
"""Names that are looked at in one directory app or runtime: whose home it is decides what is in it."""


class _Search(NamedTuple):
    root: HostRoot
    locality: Locality
    hides: str | None

    def remote(self, subject: str, detail: str) -> Gap:
        """Give the gap of what is not looked at because somebody else would have to answer."""
        return Gap(subject, "unsupported", detail, self.hides)


class _Installation(NamedTuple):
    path: str
    user: str | None


def references(root: HostRoot, hides: str | None) -> Iterator[Reference | Gap]:
    """Give all that is installed; hides is that of the gaps."""
    try:
        locality = Locality(root)
    except (OSError, ValueError) as error:
        yield gap("flatpak installations", error, hides)
        return
    with locality:
        search = _Search(root, locality, hides)
        for found in _installations(search):
            if isinstance(found, Gap):
                yield found
                continue
            for kind in _KINDS:
                yield from _installed(search, found, kind)


def _installations(search: _Search) -> Iterator[_Installation | Gap]:
    remote = 0
    seen = set()
    for place in (_Installation(SYSTEM, None), *_homes(search)):
        if isinstance(place, Gap):
            yield place
            continue
        try:
            path = search.locality.resolve(place.path)
        except OSError as error:
            yield gap(place.path, error, search.hides)
            continue
        if path is None:
            remote += 1
        elif path not in seen:
            seen.add(path)
            yield place._replace(path=path)
    if remote:
        yield search.remote("homes that are not local", f"{remote} were not looked at for flatpaks")


def _homes(search: _Search) -> Iterator[_Installation | Gap]:
    """Give where each user's installation would be."""
    try:
        lines = search.root.read(_USERS_FILE, _USERS_LIMIT).split(b"\n")
    except FileNotFoundError:
        return
    except (OSError, LimitReached) as error:
        yield gap(_USERS_FILE, error, search.hides)
        return
    for user, home in islice(homes(lines), _USERS):
        if home.count("/") <= _DEPTH:
            yield _Installation(f"{home}/{_OF_A_USER}", user)


def _installed(search: _Search, place: _Installation, kind: str) -> Iterator[Reference | Gap]:
    top = f"{place.path}/{kind}"
    try:
        for folder in _directories(search, place.path, (kind,), 4, iter(range(_LOOKS))):
            commit = None if isinstance(folder, Gap) else _active(search.root, folder)
            if isinstance(folder, Gap):
                yield folder
            elif commit:
                name, architecture, branch = folder.split("/")[-3:]
                yield Reference(kind, name, architecture, branch, place.user, folder, commit)
    except (OSError, LimitReached) as error:
        yield gap(top, error, search.hides)


def _directories(
    search: _Search, folder: str, names: Iterable[str], depth: int, looks: Iterator[int]
) -> Iterator[str | Gap]:
    """Give the directories that lie so many names below a folder; links, as current is one, are passed over."""
    for name in names:
        path = f"{folder}/{name}"
        if next(looks, None) is None:
            raise LimitReached(f"more than {_LOOKS} names were there to be looked at")
        if search.locality.is_remote(folder, name):
            yield search.remote(path, "it is not on a local file system")
        elif _is_directory(search.root, path):
            if depth == 1:
                yield path
            else:
                yield from _directories(search, path, search.root.names(path), depth - 1, looks)


def _is_directory(root: HostRoot, path: str) -> bool:
    try:
        return stat.S_ISDIR(root.stat(path, follow=False).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _active(root: HostRoot, folder: str) -> str | None:
    """Give the commit that is installed; None where none is, as between two steps of an installation."""
    try:
        commit = root.link(f"{folder}/active")
    except FileNotFoundError:
        return None
    return None if "/" in commit else commit
