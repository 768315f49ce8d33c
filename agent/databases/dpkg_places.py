"""Where dpkg put files that are diverted; it takes a path as diverted only when it is written as in the diversion."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.formats.dpkg_files import Diversion, diversions
from agent.host.errors import LimitReached, gap
from agent.model.records import Gap

if TYPE_CHECKING:
    from agent.host.root import HostRoot

DIVERSIONS = "/var/lib/dpkg/diversions"

_LIMIT = 4 * 1024 * 1024


class Places(NamedTuple):
    """Tells where files were put.

    diverted: Diversions by the paths that packages have.
    """

    diverted: dict[str, Diversion]

    def of(self, path: str, package: str) -> str:
        """Give the place of a file of a package."""
        diversion = self.diverted.get(path)
        return diversion.place if diversion and diversion.package != package else path

    def all(self, paths: list[str], package: str) -> list[str]:
        """Give the places of many files of a package, of which hardly any is diverted."""
        if self.diverted.keys().isdisjoint(paths):
            return paths
        return [self.of(path, package) for path in paths]


def places(root: HostRoot) -> tuple[Places, list[Gap]]:
    """Read the diversions of a root; what cannot be read of them is a gap."""
    try:
        diverted, malformed = diversions(root.read(DIVERSIONS, _LIMIT))
    except FileNotFoundError:
        return Places({}), []
    except (OSError, LimitReached) as error:
        return Places({}), [gap(DIVERSIONS, error, None)]
    return Places(diverted), [malformed_lines(DIVERSIONS, malformed)] if malformed else []


def malformed_lines(path: str, count: int, hides: str | None = None) -> Gap:
    """Tell that lines of a file were left out."""
    return Gap(path, "malformed", f"{count} lines are not what they should be and were left out", hides)
