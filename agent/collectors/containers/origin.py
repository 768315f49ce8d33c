"""Whether a package of a container is one of its image, or was added since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.databases import MARKS, Asked, load
from agent.databases.distribution import UNKNOWN
from agent.host import Host
from agent.host.errors import LimitReached, Unsettled
from agent.model.records import Package

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.host.root import HostRoot

_A_FILE_EACH = ("pacman",)
"""Package managers whose databases have files of their own for each package."""
_STATUS_D = "/var/lib/dpkg/status.d/"


class Origin:
    """Knows what was changed over an image."""

    def __init__(self, layers: Sequence[HostRoot], databases: Sequence[str], is_layered: bool, has_below: bool) -> None:
        """Take the layers.

        layers: The one that changes went to, then the one below that has the databases, as far as they are there.
        databases: Package databases that were changed, by the paths of their files.
        is_layered: Whether changes are known; without a layer for them there are none.
        has_below: Whether the image has the databases.
        """
        self._is_layered = is_layered
        self._below = layers[-1] if has_below else None
        self._upper = layers[0] if is_layered and len(layers) > has_below else None
        self._changed = frozenset(manager for manager in MARKS for path in databases if f"/{manager}/" in path)
        self._of_image: dict[str, frozenset[tuple[str, str | None]] | None] = {}

    def is_added(self, path: str) -> bool | None:
        """Tell whether a file is not the image's; None where that is not known."""
        if not self._is_layered:
            return None
        if self._upper is None:
            return False
        try:
            self._upper.stat(path, follow=False)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:
            return None
        return True

    def is_added_to_database(self, package: Package) -> bool | None:
        """Tell whether a package is not in the image's database, in this version; None where that is not known."""
        if not self._is_layered:
            return None
        if package.manager in _A_FILE_EACH or package.location.startswith(_STATUS_D):
            return self.is_added(package.location)
        if package.manager not in self._changed:
            return False
        of_image = self._listed(package.manager)
        return None if of_image is None else (package.key, package.version) not in of_image

    def _listed(self, manager: str) -> frozenset[tuple[str, str | None]] | None:
        """Give what the image's database lists; nothing where it has none, None where it cannot be read."""
        if manager not in self._of_image:
            self._of_image[manager] = self._read(manager)
        return self._of_image[manager]

    def _read(self, manager: str) -> frozenset[tuple[str, str | None]] | None:
        if self._below is None:
            return frozenset()
        asked = Asked(UNKNOWN, licenses=False, origins=False)
        try:
            found = load(manager).packages(Host(self._below, None), asked)
            return frozenset((record.key, record.version) for record in found if isinstance(record, Package))
        except (OSError, LimitReached, Unsettled):
            return None
