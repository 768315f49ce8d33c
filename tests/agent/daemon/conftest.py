"""A daemon on a clock of its own, whose workers are real processes."""

from __future__ import annotations

import os
import select
from typing import Callable

import pytest

from agent.daemon.log import Log
from agent.daemon.loop import Daemon
from agent.daemon.plan import Period, Plan


def wait_for_one(pids: list[int]) -> None:
    """Wait until one of some processes has ended, without taking note of it."""
    fds = [os.pidfd_open(pid) for pid in pids]
    assert select.select(fds, [], [], 30)[0], "no worker ended"
    for fd in fds:
        os.close(fd)


class Clock:
    """Seconds since a boot that never was."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Bench:
    """A daemon under test, and what it started.

    script: Shell script of the workers: $1 is the job, $2 its first word; descriptor 3 takes the status line.
    """

    def __init__(self, folder, script: str, **changes) -> None:
        self.clock = Clock()
        self.folder = folder
        self.calls = folder / "calls"
        self.calls.touch()
        worker = ["/bin/sh", "-c", f'echo "$@" >> {self.calls}\n{script}', "worker"]
        plan = Plan(
            state_dir=str(folder),
            worker=worker,
            reload=[*worker, "reload"],
            sections={"packages": Period(3600, 60)},
            heartbeat=900,
            splay=300,
            seed="a host",
            log_level="debug",
        )._replace(**changes)
        self.daemon = Daemon(plan, self.clock, lambda: 0.5, Log(plan.log_level, self.clock))

    def started(self) -> list[str]:
        """Give the jobs that were started, in order."""
        return self.calls.read_text().splitlines()

    def go_on(self, until: Callable[[], bool], most: int = 2000) -> None:
        """Go round until something is true; when no worker runs, time flies to what is due next."""
        for _ in range(most):
            wait = self.daemon.step()
            if until():
                return
            pids = [worker.pid for worker in self.daemon.running.values()]
            if pids:
                wait_for_one(pids)
            else:
                self.clock.now += max(wait, 0.001)
        raise AssertionError(f"it never came true; started: {self.started()[-10:]}")

    def rest(self) -> None:
        """Let every worker that runs end."""
        self.go_on(lambda: not self.daemon.running)


@pytest.fixture
def bench(tmp_path):
    """Give a maker of benches."""
    return lambda script='echo \'{"status":"complete","changed":false}\' >&3', **changes: Bench(
        tmp_path, script, **changes
    )
