"""A world of its own: new process, mount and network namespaces, in which nothing else listens or is mounted as one.

Its first process is an init that opens no socket. The collector looks at it from outside through its proc.
"""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

from agent.collectors.ports import collect
from agent.host import open_host
from agent.model.records import Listener, UnixListener
from agent.model.spec import Options

_BEFORE = """
import os, signal, sys, time
from socket import *

_started_as = os.getpid()

def bound(family, kind, address, *options):
    made = socket(family, kind)
    for option in options:
        made.setsockopt(*option, 1)
    made.bind(address)
    if kind == SOCK_STREAM:
        made.listen()
    return made
"""
_AFTER = """
if os.getpid() == _started_as:
    print(_started_as, flush=True)
while True:
    signal.pause()
"""


class World:
    """Starts programs in the namespaces and takes stock of them.

    program: Python that every user may run, which that of the tests need not be.
    """

    program = os.path.realpath("/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable)

    def __init__(self, leader):
        self.leader = leader
        self.proc = f"/proc/{leader}/root/proc"
        self._started = []

    def inside(self, *command):
        """The command line that runs a command in the world."""
        return ["nsenter", "-t", str(self.leader), "-p", "-n", "-m", *command]

    def run(self, *command):
        return subprocess.run(self.inside(*command), check=True, capture_output=True, text=True).stdout

    def python(self, code, *before, **options):
        """Start Python that runs code and then waits; give its id inside, when all its sockets are open."""
        script = _BEFORE + textwrap.dedent(code) + _AFTER
        command = self.inside(*before, self.program, "-c", script)
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True, **options)
        self._started.append(process)
        return int(process.stdout.readline())

    def kill(self, pid):
        """End a process and wait until its descriptors are closed."""
        self.run("kill", "-9", str(pid))
        while self._has_descriptors(pid):
            pass

    def _has_descriptors(self, pid):
        try:
            return bool(os.listdir(f"{self.proc}/{pid}/fd"))
        except OSError:
            return False

    def records(self, observe=None, root="/", **options):
        host = open_host(root, self.proc, observe)
        return {record.key: record for record in collect(host, Options(**options))}

    def listeners(self, **options):
        return {key: record for key, record in self.records(**options).items() if isinstance(record, Listener)}

    def unix(self, **options):
        return {key: record for key, record in self.records(**options).items() if isinstance(record, UnixListener)}

    def close(self):
        os.kill(self.leader, signal.SIGKILL)
        for process in self._started:
            process.wait()
            process.stdout.close()


@pytest.fixture
def world():
    if os.geteuid() != 0:
        pytest.skip("needs root for namespaces")
    others = "sed -n 's/^\\([^ ]* \\)\\{3\\}net:[^ ]* \\([^ ]*\\) .*/\\2/p' /proc/self/mountinfo | xargs -r umount -l"
    script = f"{others}; ip link set lo up && echo up && exec sleep infinity"
    command = ["unshare", "--fork", "--pid", "--mount-proc", "--net", "--mount", "sh", "-c", script]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "up\n"
    with open(f"/proc/{process.pid}/task/{process.pid}/children") as children:
        created = World(int(children.read().split()[0]))
    yield created
    created.close()
    process.wait()
    process.stdout.close()
