"""agent/daemon/waiter.py, in a process of its own: signals are the whole process's."""

import subprocess
import sys

WAIT = """
import os, signal, sys
from agent.daemon.waiter import Waiter
waiter = Waiter()
reading, writing = os.pipe()
"""


def run(script):
    """Give what a script prints; one that sleeps through what should wake it fails the test."""
    done = subprocess.run([sys.executable, "-c", WAIT + script], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.strip()


def test_a_descriptor_that_speaks_ends_the_sleep():
    assert run("os.write(writing, b'x'); print(waiter.wait(3600, [reading]))") == "set()"


def test_the_end_of_a_worker_ends_the_sleep():
    script = "os.posix_spawn('/bin/true', ['true'], {}); print(waiter.wait(3600, [reading]) == {signal.SIGCHLD})"
    assert run(script) == "True"


def test_a_signal_that_came_before_the_sleep_ends_it():
    assert run("os.kill(os.getpid(), signal.SIGHUP); print(waiter.wait(3600) == {signal.SIGHUP})") == "True"
