"""The loop: what is due is started, what has ended is taken note of, and in between the daemon sleeps.

Collections run one after the other, so that the host never carries two. A delivery may run beside
them, because it waits for the network and not for the host.
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from agent.daemon.glance import Glance
from agent.daemon.health import Health
from agent.daemon.plan import Plan, read
from agent.daemon.process import Ending, Worker
from agent.daemon.timetable import Timetable
from agent.daemon.usage import cpu_seconds
from agent.daemon.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from agent.daemon.log import Log

WATCHES = ("files", "opens")
"""What may be watched, by a process each (see Plan.watches)."""
COLLECT, DELIVER, RELOAD = "collect", "deliver", "reload"
"""The lanes: in each at most one worker runs at a time."""
_WALL = {DELIVER: 900, RELOAD: 60}
_RECORD_WALL = 30
_WANTED_AGAIN = 60.0
"""Least seconds between two collections of a section that a watcher wants."""


class Daemon:
    """What the daemon knows and does; it never waits, see __main__ for that.

    plan: What to do.
    clock: Gives seconds since boot.
    draw: Gives a random number from 0 to 1.
    log: Where it says what happens.
    health: What it has heard of its workers.
    """

    def __init__(self, plan: Plan, clock: Callable[[], float], draw: Callable[[], float], log: Log) -> None:
        self.plan = plan
        self.jobs_done = 0
        self.running: dict[str, Worker] = {}
        self.health = Health(time.time)
        self._clock = clock
        self._log = log
        self._queue: deque[str] = deque()
        self._stopping = False
        self._deliver_again = False
        self._deliver_from = clock() + draw() * min(plan.splay, plan.heartbeat)
        self._wanted_from: dict[str, float] = {}
        self._glances: dict[str, Glance] = {}
        self.timetable = self._laid_out({})
        self.watches = [Watch(name, plan.watches.get(name, ()), clock, log) for name in WATCHES]

    def step(self) -> float:
        """Do what is due; give the seconds until more will be, unless a worker ends before."""
        for lane, worker in list(self.running.items()):
            ending = worker.poll()
            if ending is not None:
                del self.running[lane]
                self._ended(lane, worker, ending)
        for watch in self.watches:
            for section in watch.step():
                self._hasten(section)
        self.timetable.run_pending()
        self._start_next_collection()
        now = self._clock()
        for worker in self.running.values():
            worker.keep_time(now)
        checks = [worker.next_check() - now for worker in self.running.values()]
        checks += (watch.next_check() - now for watch in self.watches)
        return max(0.0, min([self.timetable.wait(), *checks]))

    @property
    def is_idle(self) -> bool:
        """Whether no process of its own is left."""
        return not self.running and not any(watch.pid for watch in self.watches)

    @property
    def watchers(self) -> dict[str, int]:
        """The processes that watch, by what they watch."""
        return {watch.name: watch.pid for watch in self.watches if watch.pid is not None}

    def listening(self) -> list[int]:
        """Give the descriptors on which watchers may speak."""
        return [fd for watch in self.watches for fd in watch.listening()]

    def reload(self) -> None:
        """Have the configuration checked by a worker; the new one holds only if it is right."""
        if RELOAD not in self.running:
            self._start(RELOAD, RELOAD, self.plan.reload, _WALL[RELOAD])

    def stop(self) -> None:
        """Start nothing more, and ask every worker to end; what they were about is done again next time."""
        self._stopping = True
        self.timetable.clear_all()
        self._queue.clear()
        for watch in self.watches:
            watch.stop()
        for worker in self.running.values():
            worker.end(self._clock())

    def _laid_out(self, dues: Mapping[str, float]) -> Timetable:
        """Lay out the plan: every section now and then in its phase, a delivery when the first may be.

        dues: When the sections of the plan before are due, which a reload does not change but to sooner.
        """
        now = self._clock()
        self._glances = {name: Glance(*look) for name, look in self.plan.looks.items()}
        timetable = Timetable(self._clock, self.plan.seed)
        for section, period in self.plan.sections.items():
            job = timetable.add(section, period.every, self._enqueuer(section))
            job.due = min(dues.get(section, now), now + period.every)
        self._delivery = timetable.add(DELIVER, self.plan.heartbeat, self._deliver)
        self._delivery.due = max(now, self._deliver_from)
        return timetable

    def _enqueuer(self, section: str) -> Callable[[], None]:
        glance = self._glances.get(section)

        def enqueue() -> None:
            if section not in self._queue and (glance is None or glance.is_due(self._clock())):
                self._queue.append(section)

        return enqueue

    def _hasten(self, section: str) -> None:
        """Have a section collected now, or as soon as that is allowed again; a collection that runs goes first."""
        if self._stopping or section not in self.plan.sections:
            return
        due = max(self._clock(), self._wanted_from.get(section, 0.0))
        if self.timetable.hasten(section, due):
            self._wanted_from[section] = due + _WANTED_AGAIN
            self._log.write("info", f"{section}: collected ahead of time, because a watcher asks for it")

    def _start_next_collection(self) -> None:
        """Start the collection that waits longest, when none is running."""
        while self._queue and COLLECT not in self.running:
            section = self._queue.popleft()
            self._start(COLLECT, section, [*self.plan.worker, COLLECT, section], self.plan.sections[section].wall)

    def _deliver(self) -> None:
        """Start a delivery; when one is running that may have missed what is new, another follows it."""
        self._deliver_again = DELIVER in self.running
        if not self._deliver_again:
            self._start(DELIVER, DELIVER, [*self.plan.worker, DELIVER, str(int(cpu_seconds()))], _WALL[DELIVER])

    def _start(self, lane: str, name: str, words: list[str], wall: int) -> None:
        if self._stopping:
            return
        try:
            self.running[lane] = Worker(name, words, self._clock() + wall)
        except OSError as error:
            self._log.state(
                name, "error", f"no worker could be started: {error.strerror}; it is tried again in its time"
            )

    def _ended(self, lane: str, worker: Worker, ending: Ending) -> None:
        self.jobs_done += 1
        if self._stopping:
            return
        if lane == RELOAD:
            self._reloaded(ending)
        elif lane == DELIVER:
            self._delivered(ending)
        elif ending.report:
            self._collected(worker.name, ending)
        elif worker.name in self.plan.sections:
            self._record_death(worker.name, ending)

    def _collected(self, section: str, ending: Ending) -> None:
        status, error = ending.report.get("status"), ending.report.get("error")
        good = status in ("complete", "unsupported")
        self._note_failure(section, failed=status not in ("complete", "partial", "unsupported"))
        self.health.collected(section, ending.report)
        text = f"{status}: {error}" if error else str(status)
        self._log.state(section, "info" if good else "warning", text, section=section, status=str(status))
        if ending.report.get("changed"):
            self._delivery.due = min(self._delivery.due, max(self._clock(), self._deliver_from))

    def _note_failure(self, section: str, *, failed: bool) -> None:
        if section in self._glances:
            self._glances[section].failed = failed

    def _record_death(self, section: str, ending: Ending) -> None:
        """Have another worker put on record that one died without a word."""
        status, text = ending.cause()
        self._note_failure(section, failed=True)
        self.health.died(section, status)
        self._log.state(section, "error", text, section=section, status=status)
        self._start(COLLECT, f"record {section}", [*self.plan.worker, "record", section, status, text], _RECORD_WALL)

    def _delivered(self, ending: Ending) -> None:
        """Take note of a delivery; after one that failed none starts before its waiting time is over."""
        error = ending.report.get("error") if ending.report else f"{ending.cause()[1]}; what it had to send is kept"
        self.health.sent(ending.report, failed=bool(error))
        result = "failed" if error else "delivered"
        self._log.state(DELIVER, "warning" if error else "info", str(error or "delivered"), job=DELIVER, status=result)
        wait = ending.report.get("next_in")
        if isinstance(wait, (int, float)):
            self._deliver_from = self._clock() + max(1.0, wait)
            self._delivery.due = self._deliver_from
        elif self._deliver_again:
            self._delivery.due = self._clock()

    def _reloaded(self, ending: Ending) -> None:
        if ending.code != 0:
            self._log.write("error", "reload: the new configuration was refused; the one before stays in force")
            return
        try:
            self.plan = read(self.plan.state_dir)
        except (OSError, ValueError) as error:
            self._log.write("error", f"reload: {error}; the plan before stays in force")
            return
        self._log.level = self.plan.log_level
        self._queue = deque(section for section in self._queue if section in self.plan.sections)
        for watch in self.watches:
            watch.restart(self.plan.watches.get(watch.name, ()))
        self.timetable = self._laid_out(self.timetable.dues())
        self._log.write("info", "reload: the new configuration is in force")
