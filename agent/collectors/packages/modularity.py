"""Module streams of dnf that were enabled, disabled or installed (dnf's Modularity documentation)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.formats.ini import sections
from agent.host.errors import LimitReached, gap
from agent.model.records import ModuleStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.collectors.packages.facts import Known
    from agent.formats.ini import Section
    from agent.host import Host
    from agent.model.records import Record

FILES = "/etc/dnf/modules.d/*.module"
READS = ("/etc/dnf/modules.d", FILES)

_KEYS = ("name", "stream", "state", "profiles")
_LIMIT = 64 * 1024


def facts(host: Host, _known: Known) -> Iterator[Record]:
    """Give the streams; none where dnf has chosen none."""
    try:
        paths = list(host.root.glob(FILES))
    except (OSError, LimitReached) as error:
        yield gap(FILES, error, "module/")
        return
    for path in paths:
        try:
            content = host.root.read(path, _LIMIT)
        except (OSError, LimitReached) as error:
            yield gap(path, error, "module/")
            continue
        yield from map(_stream, sections(content, _KEYS))


def _stream(section: Section) -> ModuleStream:
    values = section.values
    profiles = (profile.strip() for profile in values.get("profiles", "").split(","))
    return ModuleStream(
        values.get("name") or section.name,
        values.get("stream") or None,
        values.get("state", ""),
        tuple(sorted({profile for profile in profiles if profile})),
    )
