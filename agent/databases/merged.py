"""Directories that became links to others, as /bin one to /usr/bin: where the files lie that databases list below them.

A package names a file as it did when it was built: /bin/ls stays in its list when /bin leads to /usr/bin. The
databases give such names as they are; who compares them with paths of the root does it here.
"""

from __future__ import annotations

from posixpath import join, normpath
from stat import S_ISDIR
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.host.root import HostRoot

_FOLDERS = ("/", "/usr", "/etc", "/var")
"""Where distributions replace directories by links: /bin, /usr/sbin, /etc/init.d, /var/run."""
READS = _FOLDERS
"""Beside them the status of the links in them is looked at."""
_LINKS = 3
"""Links that one path may take: /sbin leads to /usr/sbin and that to /usr/bin."""


class Merged(NamedTuple):
    """Tells where files lie.

    links: The links, each with a slash at the end.
    directories: The directory that each leads to, with a slash at the end.
    """

    links: tuple[str, ...]
    directories: Mapping[str, str]

    def real(self, path: str) -> str:
        """Give a path without the links that merged directories have become."""
        if path.startswith(self.links):
            link = next(filter(path.startswith, self.links))
            return self.directories[link] + path[len(link) :]
        return path

    def names(self, path: str) -> list[str]:
        """Give the names that a database may have for a path that has no links, itself first."""
        return [
            path,
            *(
                link + path[len(directory) :]
                for link, directory in self.directories.items()
                if path.startswith(directory)
            ),
        ]


def merged(root: HostRoot) -> Merged:
    """Look which directories of a root became links; a folder that cannot be listed has none, which the walk reports."""
    links: dict[str, str] = {}
    for folder in _FOLDERS:
        try:
            with root.directory(folder) as directory:
                found = directory.links()
        except OSError:
            continue
        links.update((join(folder, name), _normal(join(folder, target))) for name, target in found.items())
    directories = {f"{link}/": f"{_followed(link, links)}/" for link in links if _is_directory(root, link)}
    return Merged(tuple(directories), directories)


def _followed(path: str, links: Mapping[str, str]) -> str:
    """Give where a path leads, through links within it too."""
    for _ in range(_LINKS):
        for link, target in links.items():
            if path == link or path.startswith(f"{link}/"):
                path = target + path[len(link) :]
                break
    return path


def _normal(path: str) -> str:
    return f"/{normpath(path).lstrip('/')}"


def _is_directory(root: HostRoot, path: str) -> bool:
    try:
        return S_ISDIR(root.stat(path).st_mode)
    except OSError:
        return False
