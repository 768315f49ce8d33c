"""What the daemon costs at rest. Memory is not time, and processor seconds are counted over a simulated hour."""

import os
import subprocess
import sys

import pytest

from agent.cli.run import keep
from agent.model.settings import Settings

HARNESS = """
import os, random, select, sys
from agent.daemon.log import Log
from agent.daemon.loop import Daemon
from agent.daemon.notify import Notifier
from agent.daemon.plan import read
from agent.daemon.usage import cpu_seconds, resident_kib
from agent.daemon.waiter import Waiter

class Clock:
    now = 1e6
    def __call__(self):
        return self.now

def go(daemon, clock, waiter, over):
    while not over():
        wait = daemon.step()
        if daemon.running:
            waiter.wait(10)
        else:
            clock.now += max(wait, 0.001)

clock, waiter, notifier = Clock(), Waiter(), Notifier({})
plan = read(sys.argv[1])._replace(watches={})
"""

MEMORY = (
    HARNESS
    + """
sections = {name: period._replace(every=60) for name, period in plan.sections.items()}
worker = ["/bin/sh", "-c", "echo '{\\"status\\":\\"complete\\",\\"changed\\":true}' >&3", "worker"]
talker = ["/bin/sh", "-c", "echo {} >&3; echo babble >&3; exec sleep 1000"]
plan = plan._replace(sections=sections, worker=worker, watches={"files": talker})
daemon = Daemon(plan, clock, random.random, Log("info", clock))
for jobs in (50, 550):
    go(daemon, clock, waiter, lambda: daemon.jobs_done >= jobs and not daemon.running)
    print(resident_kib())
    daemon.watches[0].restart(talker)
daemon.stop()
"""
)

BARE = "print(open('/proc/self/status').read().split('VmRSS:')[1].split()[0])"
"""An interpreter with nothing loaded. The figure of 13.5 MiB was set for one of 8.2; a larger build is allowed
what it has more."""

HOUR = (
    HARNESS
    + """
looks, real = [0], os.scandir
def scandir(*path):
    looks[0] += 1
    return real(*path)
os.scandir = scandir
done = ["/bin/sh", "-c", "echo '{\\"status\\":\\"complete\\",\\"changed\\":false}' >&3", "worker"]
daemon = Daemon(plan._replace(worker=done), clock, random.random, Log("error", clock))
go(daemon, clock, waiter, lambda: daemon.jobs_done > len(plan.sections) and not daemon.running)
started, jobs, rounds = clock.now, daemon.jobs_done, 0
while clock.now < started + 3600 or daemon.running:
    rounds += 1
    go(daemon, clock, waiter, iter([False, True]).__next__)
print(daemon.jobs_done - jobs, rounds, looks[0])
"""
)


@pytest.fixture
def state(tmp_path):
    """A prepared state folder at the default intervals, which delivers to a file."""
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    keep(Settings(state_dir=str(folder), sink="file", sink_path=str(tmp_path / "reports")), ["/bin/false"])
    return folder


def run(script, state):
    """Run a script in an interpreter that starts as the daemon's does."""
    script = f"import sys; sys.path[:] = {sys.path!r}\n{script}"
    command = [sys.executable, "-I", "-S", "-c", script, str(state)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env={"PATH": os.defpath})
    return [float(word) for word in done.stdout.split()]


def test_the_daemon_rests_in_little_memory_and_does_not_grow(state):
    after_50, after_550 = run(MEMORY, state)
    [bare] = run(BARE, state)
    assert after_50 <= 13.5 * 1024 + max(0.0, bare - 8.2 * 1024)
    assert after_550 - after_50 <= 64


def test_an_hour_at_default_intervals_has_few_jobs_and_few_rounds(state):
    """What they cost is measured by bench.resting."""
    jobs, rounds, looks = run(HOUR, state)
    assert 5 <= jobs <= 30
    assert rounds <= 130 + 4 * jobs  # a look at control groups every 30 seconds; start and end of a job
    assert looks > 120
