"""Ruby gems: the specifications that RubyGems writes for those that are installed."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from agent.formats import gemspec
from agent.host.errors import LimitReached, gap
from agent.inventory.languages import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.host.found import Found
    from agent.model.records import Gap

NAMES: frozenset[str] = frozenset()
ENDINGS = (".gemspec",)
FORMS: frozenset[str] = frozenset()

_LIMIT = 4 * 1024 * 1024
_PLACES = ("/specifications", "/specifications/default")


def packages(found: Found) -> Iterator[Finding | Gap]:
    """Give the gem of a specification; one that lies elsewhere than in specifications is a gem's source."""
    folder = found.path.rpartition("/")[0]
    if not folder.endswith(_PLACES):
        return
    try:
        gem = gemspec.parse(found.read(_LIMIT))
    except (OSError, LimitReached, ValueError) as error:
        yield gap(found.path, error, found.path)
        return
    home = folder[: folder.rindex("/specifications")]
    yield Finding("gem", None, gem.name, gem.version, *gem.license, found.path, _claims(gem, home, found.name))


def _claims(gem: gemspec.Gem, home: str, file: str) -> tuple[str, ...]:
    """Name the gem's folder and its commands, which lie in bin of the gems' home or of the prefix that has it.

    Debian's RubyGems puts those of /var/lib/gems in /usr/local/bin.
    """
    prefix = posixpath.normpath(f"{home}/../../../..")  # PREFIX/lib/ruby/gems/VERSION
    bins = ("/usr/local/bin",) if home.startswith("/var/lib/gems/") else (f"{home}/bin", posixpath.join(prefix, "bin"))
    commands = tuple(f"{directory}/{name}" for directory in bins for name in gem.executables if "/" not in name)
    return (f"{home}/gems/{file[: -len('.gemspec')]}/", *commands)
