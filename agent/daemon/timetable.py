"""Periodic jobs on a clock that nobody can set.

schedule reads the wall clock throughout, so that a host whose time is corrected would skip or repeat
hours of work. Here its jobs live on seconds since boot, written as the datetimes that schedule expects.
"""

from __future__ import annotations

import datetime
from functools import partial
from typing import TYPE_CHECKING
from zlib import crc32

import schedule

if TYPE_CHECKING:
    from collections.abc import Callable

    Clock = Callable[[], float]

_BOOT = datetime.datetime(1970, 1, 1)
"""The naive datetime, of the kind that schedule compares, that stands for the boot of the host."""


class BootJob(schedule.Job):
    """A job of schedule whose time is counted from boot, in a phase of its own."""

    def __init__(self, every: int, phase: int, timetable: Timetable, action: Callable[[], None]) -> None:
        super().__init__(every, timetable)
        self.job_func = partial(action)
        self._phase = phase
        self._clock = timetable.clock
        self.due = self._clock()

    @property
    def due(self) -> float:
        """When it is due, seconds since boot."""
        return (self.next_run - _BOOT).total_seconds() if self.next_run else 0.0

    @due.setter
    def due(self, seconds: float) -> None:
        self.next_run = _BOOT + datetime.timedelta(seconds=seconds)

    @property
    def should_run(self) -> bool:
        """Whether it is due."""
        return self.due <= self._clock()

    def _schedule_next_run(self) -> None:
        """Go on in the job's own phase, at least half a period from now."""
        now = self._clock()
        wait = self.interval - (now - self._phase) % self.interval
        self.due = now + (wait if 2 * wait >= self.interval else wait + self.interval)


class Timetable(schedule.Scheduler):
    """Jobs and when they are due.

    clock: Gives seconds since boot.
    seed: Text of this host; the phases of its jobs come from it, so that hosts do not act in step.
    """

    def __init__(self, clock: Clock, seed: str) -> None:
        super().__init__()
        self.clock = clock
        self._seed = seed
        self._named: dict[str, BootJob] = {}

    def add(self, name: str, every: int, action: Callable[[], None]) -> BootJob:
        """Add a job that is due now and then every so many seconds in its own phase."""
        job = BootJob(every, crc32(f"{self._seed}/{name}".encode()) % every, self, action)
        self.jobs.append(job)
        self._named[name] = job
        return job

    def hasten(self, name: str, due: float) -> bool:
        """Have a job run at a moment, seconds since boot; false when it runs before that anyway."""
        sooner = due < self._named[name].due
        if sooner:
            self._named[name].due = due
        return sooner

    def dues(self) -> dict[str, float]:
        """Give when each job is due, by name, seconds since boot."""
        return {name: job.due for name, job in self._named.items()}

    def wait(self) -> float:
        """Give the seconds until the next job is due, an hour at most."""
        return min([due - self.clock() for due in self.dues().values()] + [3600.0])

    def clear_all(self) -> None:
        """Forget every job."""
        self.clear()
        self._named.clear()
