"""Licences of dpkg's packages, from the copyright files that every one of them has (Debian Policy, 12.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.databases.dpkg_failures import Failures
from agent.formats.dep5 import license_in
from agent.formats.license import NONE, License
from agent.host.errors import LimitReached

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.host.root import HostRoot
    from agent.model.records import Gap

_FILE = 4 * 1024 * 1024
"""That of Boost, the longest that is known, has 2 MB; 10 KB are usual."""

_TOTAL = 256 * 1024 * 1024
"""Bytes of all of them; 3,900 packages have 80 MB."""


class Copyrights:
    """Reads copyright files, and those that are the same as one before, as in packages of one source, only once."""

    def __init__(self, root: HostRoot) -> None:
        self._root = root
        self._left = _TOTAL
        self._known: dict[tuple[int, int], License] = {}
        self._failures = Failures("copyright files of packages of dpkg")

    def license_of(self, package: str) -> License:
        """Give the licence of an installed package; none where it has no copyright file or one that cannot be read."""
        if "/" in package or package.startswith("."):
            return NONE
        path = f"/usr/share/doc/{package}/copyright"
        try:
            content = self._root.read(path, min(_FILE, self._left))
        except (FileNotFoundError, NotADirectoryError):
            return NONE
        except (OSError, LimitReached) as error:
            self._failures.note(path, error)
            return NONE
        self._left -= len(content)
        return self._read(content)

    def unread(self) -> Iterator[Gap]:
        """Give the one gap of all that could not be read."""
        return self._failures.gaps()

    def _read(self, content: bytes) -> License:
        """Read a file, which is told from others by its length and hash: to keep them all would take too much memory."""
        mark = (len(content), hash(content))
        if mark not in self._known:
            self._known[mark] = license_in(content)
        return self._known[mark]
