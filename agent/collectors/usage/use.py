"""What is known of the use of one package of a scope, gathered from its files and turned into its record."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from agent.collectors.usage.listening import widest
from agent.model.records import PackageUse
from agent.model.records.usage import GRADES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.collectors.usage.processes import Process
    from agent.inventory.ownership import Known

_RESTART = 16
_PIDS = 64


class Use:
    """The use of a package as it is seen now.

    seen_at: When it was seen, seconds since 1970; 0 as long as it was not.
    """

    def __init__(self) -> None:
        self.seen_at = 0
        self.first_at = 0
        self.is_root = False
        self.is_setuid = False
        self._grade = 0
        self._through: str | None = None
        self._processes: dict[int, Process] = {}
        self._stale: dict[int, Process] = {}
        self._stale_versions: set[str] = set()
        self._exposures: set[str] = set()

    def add(self, grade: str, through: str | None, at: int) -> None:
        """Take evidence of a grade; what a stronger one was seen through counts."""
        rank = GRADES.index(grade)
        if rank > self._grade or (rank == self._grade and through is None) or not self._grade:
            self._grade, self._through = rank, through
        self.seen_at = max(self.seen_at, at)
        self.first_at = min(self.first_at or at, at)

    def used_by(self, processes: Iterable[Process], exposures: Iterable[str]) -> None:
        """Take processes that use it now, and how far those of them are exposed that listen."""
        self._processes.update((process.pid, process) for process in processes)
        self.is_root = self.is_root or any(process.root for process in processes)
        self._exposures.update(exposures)

    def is_stale_in(self, processes: Iterable[Process], version: str | None) -> None:
        """Take processes that have code of it in memory that is gone from the disk, and the version that it was of, if known."""
        self._stale.update((process.pid, process) for process in processes)
        if version:
            self._stale_versions.add(version)

    def record(self, scope: str, key: str, known: Known, before: PackageUse | None, hears: bool) -> PackageUse:
        """Give the record; evidence only grows while the scope runs, what is now replaces what was.

        before: Its record in the last snapshot, of the same run of the scope.
        hears: Whether it could be seen who listens.
        """
        grade, through = GRADES[self._grade], self._through
        if before and GRADES.index(before.evidence) > self._grade:
            grade, through = before.evidence, before.through
        exposure = widest(self._exposures)
        return PackageUse(
            scope=scope,
            package=key,
            name=known.name,
            version=known.version,
            location=known.location,
            evidence=grade,
            through=through,
            first_seen=before.first_seen if before else self.first_at,
            root=self.is_root or bool(before and before.root),
            setuid=self.is_setuid or bool(before and before.setuid),
            listening=exposure is not None if hears or exposure else None,
            exposure=exposure,
            stale=bool(self._stale),
            stale_versions=tuple(sorted(self._stale_versions)),
            restart=tuple(sorted({each.service or each.name for each in self._stale.values()})[:_RESTART]),
            last_seen=max(self.seen_at, before.last_seen if before else 0),
            processes=len(self._processes),
            restart_pids=tuple(islice(sorted(self._stale), _PIDS)),
        )
