"""Which processes are in which container, asked of each process once, and of all now and then."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from agent.formats.cgroup import container_id

if TYPE_CHECKING:
    from agent.host.procfs import ProcFS

_START = 4096
"""Bytes read of cgroup."""
_YOUNG = 7
"""Looks for which a process that is in no container is asked again: it is put into its control group after it was made."""
_ANEW = 60.0
"""Seconds after which all are asked again: a number may be another process's."""
_GROUPS = 1024
"""Control groups of which it is remembered which container they are of."""


class Members:
    """The processes of containers as they were last looked at."""

    def __init__(self, proc: ProcFS) -> None:
        self._proc = proc
        self._known: dict[int, tuple[str | None, int]] = {}
        self._anew_at = 0.0
        self._container_of = lru_cache(_GROUPS)(container_id)

    def now(self, clock: float) -> dict[str, list[int]]:
        """Give the processes of each container, ascending.

        clock: Seconds of a clock that is not set.
        """
        before = self._known
        if clock >= self._anew_at:
            before, self._anew_at = {}, clock + _ANEW
        self._known = {pid: self._asked(pid, *before.get(pid, (None, 0))) for pid in self._proc.pids()}
        members: dict[str, list[int]] = {}
        for pid, (scope, _) in self._known.items():
            if scope is not None:
                members.setdefault(scope, []).append(pid)
        return members

    def of(self, scope: str) -> list[int]:
        """Give the processes that a container had."""
        return [pid for pid, (whose, _) in self._known.items() if whose == scope]

    def _asked(self, pid: int, scope: str | None, looks: int) -> tuple[str | None, int]:
        """Give the container of a process, and how often it was asked for."""
        if scope is not None or looks >= _YOUNG:
            return scope, looks
        try:
            return self._container_of(self._proc.head(f"{pid}/cgroup", _START)), looks + 1
        except OSError:
            return None, looks + 1
