"""An hour of the daemon with all its workers at the default intervals, once every section was collected. Run as python -m bench.resting.

Reports go to a file. The hour is simulated: whoever waits for the next job waits no longer than the jobs take.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from agent.cli.run import keep
from agent.model.settings import Settings
from bench.measure import Row, missed, table

THOUSANDTH = 3.6
"""Seconds: a thousandth of a core for an hour."""
HOUR = """
import random, sys
from agent.daemon.log import Log
from agent.daemon.loop import Daemon
from agent.daemon.plan import read
from agent.daemon.usage import cpu_seconds
from agent.daemon.waiter import Waiter

class Clock:
    now = 1e6
    def __call__(self):
        return self.now

clock, waiter = Clock(), Waiter()
plan = read(sys.argv[1])._replace(watches={})
daemon = Daemon(plan, clock, random.random, Log("error", clock))

def go(over):
    while not over():
        wait = daemon.step()
        if daemon.running:
            waiter.wait(10)
        else:
            clock.now += max(wait, 0.001)

go(lambda: daemon.jobs_done > len(plan.sections) and not daemon.running)
started, before, jobs = clock.now, cpu_seconds(), daemon.jobs_done
go(lambda: clock.now >= started + 3600 and not daemon.running)
print(cpu_seconds() - before, daemon.jobs_done - jobs)
"""


def main() -> int:
    """Measure, print the table, and give 1 when the target is missed."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder, "state")
        state.mkdir(mode=0o700)
        keep(Settings(state_dir=str(state), sink="file", sink_path=f"{folder}/reports"), ["/bin/false"])
        command = [sys.executable, "-I", "-c", HOUR, str(state)]
        said = subprocess.run(command, stdout=subprocess.PIPE, env={"PATH": os.defpath}, check=True).stdout
    seconds, jobs = map(float, said.split())
    rows = [Row(f"an hour with {jobs:.0f} jobs, against a thousandth of a core: CPU s", seconds, THOUSANDTH, 1)]
    print(table(rows))
    return 1 if missed(rows) else 0


if __name__ == "__main__":
    sys.exit(main())
