"""stocktake run --once: every section once, then a delivery, each in a worker as the daemon starts them."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from agent.cli import exit as codes
from agent.cli.progress import Progress
from agent.cli.table import shown
from agent.daemon.process import Ending, Worker
from agent.daemon.waiter import STOPPING, Waiter
from agent.model.status import COMPLETE, UNSUPPORTED

if TYPE_CHECKING:
    from agent.daemon.plan import Plan

_DELIVERY_WALL = 900
_RECORD_WALL = 30


def once(plan: Plan) -> int:
    """Collect and deliver; say on standard error how each went."""
    waiter = Waiter()
    progress = Progress(sys.stderr)
    code = codes.OK
    for section, period in plan.sections.items():
        progress.show(f"collecting {section}")
        ending = _run(Worker(section, [*plan.worker, "collect", section], time.monotonic() + period.wall), waiter)
        progress.clear()
        _tell(f"{section}: {_collected(ending)}")
        if not ending.report:
            words = [*plan.worker, "record", section, *ending.cause()]
            _run(Worker(f"record {section}", words, time.monotonic() + _RECORD_WALL), waiter)
        if ending.report.get("status") not in (COMPLETE, UNSUPPORTED):
            code = codes.PARTIAL
    progress.show("delivering")
    ending = _run(Worker("deliver", [*plan.worker, "deliver", "0"], time.monotonic() + _DELIVERY_WALL), waiter)
    progress.clear()
    _tell(f"deliver: {_delivered(ending)}")
    return code if _is_delivered(ending) else codes.NOT_DELIVERED


def _run(worker: Worker, waiter: Waiter) -> Ending:
    """Wait for a worker; a signal to stop ends it, and the command with it."""
    while True:
        ending = worker.poll()
        if ending is not None:
            return ending
        now = time.monotonic()
        worker.keep_time(now)
        if waiter.wait(worker.next_check() - now) & STOPPING:
            worker.end(now)
            raise KeyboardInterrupt


def _collected(ending: Ending) -> str:
    report = ending.report
    if not report:
        return ": ".join(ending.cause())
    if report.get("error"):
        return f"{report.get('status')}: {shown(report['error'])}"
    return f"{report.get('status')}, {report.get('count', 0)} records, {report.get('gaps', 0)} gaps"


def _delivered(ending: Ending) -> str:
    if not ending.report:
        return f"{ending.cause()[1]}; what it had to send is kept"
    if ending.report.get("error"):
        return f"{shown(ending.report['error'])}; what could not be sent is kept"
    return f"{len(ending.report.get('sent', ()))} sections sent, {ending.report.get('bytes', 0)} bytes"


def _is_delivered(ending: Ending) -> bool:
    return bool(ending.report) and not ending.report.get("error") and not ending.report.get("undelivered")


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")
