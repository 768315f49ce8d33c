"""The daemon process: its words are STATE_DIR LOCK_FD; `stocktake run` starts it in its own place."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time

from agent.daemon.journal import journal_of
from agent.daemon.log import Log
from agent.daemon.loop import Daemon
from agent.daemon.memory import Memory
from agent.daemon.notify import Notifier
from agent.daemon.plan import read
from agent.daemon.publish import Publisher
from agent.daemon.usage import cpu_seconds, resident_kib
from agent.daemon.waiter import STOPPING, Waiter

LAST_WAIT = 8.0
"""Seconds that workers have to end after SIGTERM; the promise is ten."""


def main(words: list[str]) -> int:
    """Run until SIGTERM."""
    state_dir, lock_fd = words
    os.set_inheritable(int(lock_fd), False)
    plan = read(state_dir)
    log = Log(plan.log_level, clock, journal_of(os.environ))
    notifier = Notifier(os.environ)
    waiter = Waiter()
    daemon = Daemon(plan, clock, random.SystemRandom().random, log)
    notifier.send("READY=1")
    log.write("info", f"started: {', '.join(plan.sections) or 'no section enabled'}")
    _run(daemon, waiter, notifier, log)
    log.write("info", "stopping")
    notifier.send("STOPPING=1")
    _end(daemon, waiter)
    return 0


def clock() -> float:
    """Give the seconds since boot, time asleep included: nobody can set this clock."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _run(daemon: Daemon, waiter: Waiter, notifier: Notifier, log: Log) -> None:
    """Go round until a signal to stop. A sign of life is given only by a round that came to its end."""
    started_at = int(time.time())
    publisher = _publisher(daemon, started_at, log)
    memory = Memory()
    most = notifier.watchdog / 2 if notifier.watchdog else 3600.0
    told: tuple[int, dict[str, int]] = (-1, {})
    while True:
        wait = daemon.step()
        publisher.follow(daemon.plan)
        publisher.step()
        notifier.send("WATCHDOG=1")
        if (daemon.jobs_done, daemon.watchers) != told:
            told = daemon.jobs_done, daemon.watchers
            _tell(daemon, started_at)
            publisher.write()
            notifier.send(f"STATUS={daemon.health.summary()}")
        if not daemon.running:
            memory.give_back(daemon.jobs_done)
        wait = min(wait, most, publisher.wait())
        signals = waiter.wait(wait, [*daemon.listening(), *publisher.reading()], publisher.writing())
        if signals & STOPPING:
            return
        if signal.SIGHUP in signals:
            daemon.reload()


def _publisher(daemon: Daemon, started_at: int, log: Log) -> Publisher:
    def render() -> bytes:
        from agent.daemon.metrics import render  # noqa: PLC0415 - loaded where metrics are wanted

        return render(daemon, started_at)

    return Publisher(render, clock, log)


def _end(daemon: Daemon, waiter: Waiter) -> None:
    daemon.stop()
    last = clock() + LAST_WAIT
    wait = daemon.step()
    while not daemon.is_idle and clock() < last:
        waiter.wait(min(wait, last - clock()))
        wait = daemon.step()


def _tell(daemon: Daemon, started_at: int) -> None:
    """Write for `stocktake status` what the daemon is doing; without a disk to write on it goes on untold."""
    now = clock()
    state = {
        "pid": os.getpid(),
        "started_at": started_at,
        "told_at": int(time.time()),
        "jobs_done": daemon.jobs_done,
        "cpu_seconds": round(cpu_seconds(), 2),
        "resident_kib": resident_kib(),
        "watchers": daemon.watchers,
        "next": {name: int(time.time() + due - now) for name, due in daemon.timetable.dues().items()},
    }
    path = os.path.join(daemon.plan.state_dir, "daemon.json")
    try:
        with open(f"{path}.new", "w", encoding="utf-8") as file:
            json.dump(state, file)
        os.replace(f"{path}.new", path)
    except OSError:
        pass  # status then shows the age of what was told last


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
