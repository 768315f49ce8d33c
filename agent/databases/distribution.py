"""Which distribution the packages of a root belong to: it qualifies their package URLs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.formats import os_release
from agent.host.errors import LimitReached, gap

if TYPE_CHECKING:
    from agent.host.root import HostRoot
    from agent.model.records import Gap

READS = ("/etc/os-release", "/usr/lib/os-release")
"""In the order of os-release(5): the first that exists counts."""

_LIMIT = 64 * 1024


class Distribution(NamedTuple):
    """What os-release says of the distribution; None where it does not say.

    id: ID, for example debian.
    release: ID and VERSION_ID, for example debian-12; VERSION_CODENAME where a rolling release has no version.
    """

    id: str | None
    release: str | None


UNKNOWN = Distribution(None, None)


def distribution(root: HostRoot) -> tuple[Distribution, Gap | None]:
    """Read it; with UNKNOWN comes a gap that hides no package, unless there simply is no os-release."""
    for path in READS:
        try:
            return _of(os_release.parse(root.read(path, _LIMIT))), None
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, LimitReached) as error:
            return UNKNOWN, gap(path, error, None)
    return UNKNOWN, None


def _of(variables: dict[str, str]) -> Distribution:
    name = variables.get("ID") or None
    release = variables.get("VERSION_ID") or variables.get("VERSION_CODENAME")
    return Distribution(name, f"{name}-{release}" if name and release else name)
