"""The repositories of which apt keeps indexes, as facts of the section packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.databases import apt_lists
from agent.model.records import Gap, Repository

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.collectors.packages.facts import Known
    from agent.host import Host
    from agent.model.records import Record

READS = apt_lists.READS
_MANAGER = "dpkg"


def facts(host: Host, known: Known) -> Iterator[Record]:
    """Give the repositories of which apt keeps files."""
    for found in apt_lists.repositories(host.root, known.distribution):
        if isinstance(found, Gap):
            yield found
        else:
            yield Repository(_MANAGER, found.name, found.maker, found.suite, found.provenance, None, found.whole)
