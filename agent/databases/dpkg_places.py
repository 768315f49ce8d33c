"""Where the files lie that dpkg's database names: diversions, and directories that were merged into /usr.

A package names a file as it did when it was built: /bin/ls stays in its list when /bin has become a link to
/usr/bin. dpkg takes a path as diverted only when it is written as in the diversion.
"""

from __future__ import annotations

from posixpath import normpath
from typing import TYPE_CHECKING, NamedTuple

from agent.formats.dpkg_files import Diversion, diversions, listed
from agent.host.errors import LimitReached, gap
from agent.model.records import Gap

if TYPE_CHECKING:
    from agent.host.root import HostRoot

DIVERSIONS = "/var/lib/dpkg/diversions"
LINKS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/libo32")
"""Directories of the root that usrmerge replaces by links."""

_LIMIT = 4 * 1024 * 1024


class Places(NamedTuple):
    """Tells where files lie.

    merged: Directories that are links into /usr, and where they lead to, both with a slash at the end.
    diverted: Diversions by the paths that packages have.
    """

    merged: tuple[tuple[str, str], ...]
    diverted: dict[str, Diversion]

    def of(self, path: str, package: str) -> str:
        """Give the place of a file of a package."""
        diversion = self.diverted.get(path)
        return self.real(diversion.place if diversion and diversion.package != package else path)

    def real(self, path: str) -> str:
        """Give a path without the links that merged directories have become."""
        for link, directory in self.merged:
            if path.startswith(link):
                return directory + path[len(link) :]
        return path


class Lists:
    """Reads lists of paths, which are many and long, as a whole where none of their files is diverted."""

    def __init__(self, where: Places) -> None:
        self._where = where
        self._diverted = set(map(where.real, where.diverted))
        self._merged = [(f"\n{link}".encode(), f"\n{directory}".encode()) for link, directory in where.merged]

    def places(self, content: bytes, package: str) -> tuple[list[str], int]:
        """Give the places of a package's files, and how many lines of its list are none."""
        text = b"\n" + content
        for link, directory in self._merged:
            text = text.replace(link, directory)
        paths, malformed = listed(text[1:])
        if not self._diverted.isdisjoint(paths):
            return [self._where.of(path, package) for path in listed(content)[0]], malformed
        return paths, malformed


def places(root: HostRoot) -> tuple[Places, list[Gap]]:
    """Look where files of a root lie; without the diversions there is a gap."""
    merged = tuple((f"{link}/", f"{target}/") for link in LINKS if (target := _merged(root, link)))
    try:
        diverted, malformed = diversions(root.read(DIVERSIONS, _LIMIT))
    except FileNotFoundError:
        return Places(merged, {}), []
    except (OSError, LimitReached) as error:
        return Places(merged, {}), [gap(DIVERSIONS, error, None)]
    return Places(merged, diverted), [malformed_lines(DIVERSIONS, malformed)] if malformed else []


def malformed_lines(path: str, count: int) -> Gap:
    """Tell that lines of a file were left out."""
    return Gap(path, "malformed", f"{count} lines are not what they should be and were left out", None)


def _merged(root: HostRoot, link: str) -> str | None:
    """Give the directory of /usr that a link leads to; None where it is no such link."""
    try:
        target = normpath(f"/{root.link(link).lstrip('/')}")
    except OSError:
        return None
    return target if target.startswith("/usr/") else None
