"""A worker process: its words are STATE_DIR JOB [WORD ...]; the daemon starts it through agent/start.py.

Jobs: collect SECTION; deliver CPU_SECONDS; record SECTION STATUS ERROR, for a worker that died without a
word. What became of the job is one JSON line on descriptor 3.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any

from agent.model.codec import dumps
from agent.worker.observe import failure
from agent.worker.state import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agent.model.settings import Settings

STATUS_FD = 3
"""Descriptor of the status line; standard output belongs to the stdout sink."""


def main(words: Sequence[str]) -> int:
    """Do one job; 0 also when it failed as foreseen, because the status line says so."""
    state_dir, job, *rest = words
    try:
        report = JOBS[job](load_settings(state_dir), *rest)
    except Exception as error:  # noqa: BLE001 - the daemon gets a line, whatever happened
        ended = failure(error)
        report = {"status": ended.status, "error": ended.error}
    try:
        os.write(STATUS_FD, dumps(report) + b"\n")
    except BrokenPipeError:
        pass  # the daemon was killed meanwhile; what the job brought about is on the disk
    return 0


def _collect(settings: Settings, section: str) -> dict[str, Any]:
    from agent.worker.collect import collect  # noqa: PLC0415 - each job loads what it needs and no more

    attempt, changed = collect(settings, section)
    return {
        "status": attempt.status,
        "error": attempt.error,
        "changed": changed,
        "started_at": attempt.started_at,
        "seconds": attempt.seconds,
        "cpu_seconds": attempt.cpu_seconds,
        "peak_mib": attempt.peak_mib,
        "count": attempt.count,
        "gaps": attempt.gaps,
    }


def _deliver(settings: Settings, cpu_seconds: str) -> dict[str, Any]:
    from agent.worker.deliver import deliver_once  # noqa: PLC0415

    report = deliver_once(settings, int(cpu_seconds))
    return {
        "error": report.error,
        "next_in": report.next_attempt,
        "sent": list(report.sent),
        "undelivered": list(report.undelivered),
        "bytes": report.sent_bytes,
    }


def _record(settings: Settings, section: str, status: str, error: str) -> dict[str, Any]:
    from agent.delivery.attempts import Attempt, write_attempt  # noqa: PLC0415
    from agent.delivery.store import folder_of  # noqa: PLC0415

    attempt = Attempt(section, status, int(time.time()), 0.0, 0.0, 0.0, 0, 0, error)
    write_attempt(folder_of(settings.state_dir, section), attempt)
    return {"status": status, "error": error, "changed": False}


JOBS: dict[str, Callable[..., dict[str, Any]]] = {"collect": _collect, "deliver": _deliver, "record": _record}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
