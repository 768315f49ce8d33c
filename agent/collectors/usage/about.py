"""How completely a scope was seen: its record, which says what a missing package means."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.model.records import UsageScope
from agent.model.records.usage import DESCRIPTORS, WATCHED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.collectors.usage.opens import Coverage
    from agent.collectors.usage.processes import Failures
    from agent.collectors.usage.scope import Scope


class Seen(NamedTuple):
    """What was seen of a scope.

    name: host, or the container's id.
    coverage: How completely opened files were seen.
    failures: What could not be read of its processes.
    scope: What its processes use.
    has_outside: Whether there are processes of which it is not known what tree they see.
    """

    name: str
    coverage: Coverage
    failures: Failures
    scope: Scope
    has_outside: bool


def about(seen: Seen, processes: int, used: int, started: int) -> UsageScope:
    """Give the record.

    processes: Number of processes that were read.
    used: Number of packages that were seen used.
    started: When the scope started, seconds since 1970.
    """
    missed = "; ".join(_missed(seen))
    unread = ", ".join(sorted(seen.failures.unread))
    return UsageScope(
        scope=seen.name,
        started=started or None,
        complete=not missed and not unread,
        opens=WATCHED if seen.coverage.since is not None else DESCRIPTORS,
        watched_since=seen.coverage.since,
        missed=missed or None,
        unread=unread or None,
        processes=processes,
        processes_unread=sum(seen.failures.unread.values()),
        used=used,
    )


def _missed(seen: Seen) -> Iterator[str]:
    """Say what may have been missed."""
    yield from seen.coverage.missed
    if not seen.coverage.is_whole:
        yield "processes that ended between two looks"
    if seen.has_outside:
        yield "what processes use that see another tree than the host's, as sandboxes do"
    if seen.scope.has_unnamed:
        yield "packages of .NET, which are not looked up"
    if seen.scope.has_untouched:
        yield "files on file systems for which somebody else answers, which are not looked at"
    if seen.failures.cut:
        yield "what processes have beyond a limit"
