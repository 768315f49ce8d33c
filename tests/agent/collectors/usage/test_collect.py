"""The section from a process file system of its own: a namespace in which nothing else runs."""

import fnmatch
import os
import shutil
import subprocess
import sys

import pytest

from agent.collectors.usage import SPEC, collect
from agent.host import open_host
from agent.model.records import PackageUse, UsageScope
from agent.model.spec import Options

PROGRAM = os.path.realpath("/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable)
LISTENS = (
    "import socket, sys; s = socket.socket(); s.bind(('0.0.0.0', 0)); s.listen(); print(flush=True); sys.stdin.read()"
)
WAITS = "print(flush=True); import sys; sys.stdin.read()"


class World:
    """Processes in a PID and network namespace of their own, seen through its proc."""

    def __init__(self, folder):
        self.folder = folder
        self.started = []
        command = [
            "unshare",
            "--fork",
            "--pid",
            "--mount-proc",
            "--net",
            "--mount",
            "sh",
            "-c",
            "echo up; exec sleep infinity",
        ]
        self.first = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.first.stdout.readline() == "up\n"
        with open(f"/proc/{self.first.pid}/task/{self.first.pid}/children") as children:
            self.leader = children.read().split()[0]
        self.last = []

    def run(self, *words, before=()):
        command = ["nsenter", "-t", self.leader, "-p", "-n", "-m", *before, *words]
        started = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.started.append(started)
        started.stdout.readline()
        return started

    def collect(self, observe=None):
        last = self.last
        options = Options(previous=lambda prefix="": iter(last), folder=str(self.folder))
        self.last = list(collect(open_host("/", f"/proc/{self.leader}/root/proc", observe), options))
        return {record.package: record for record in self.last if isinstance(record, PackageUse)}

    @property
    def scopes(self):
        return [record for record in self.last if isinstance(record, UsageScope)]

    def close(self):
        """End them: with the first process of the namespace all others go."""
        for each in (*self.started, self.first):
            if each.stdin:
                each.stdin.close()
            each.stdout.close()
        subprocess.run(["kill", "-9", self.leader], check=False, stderr=subprocess.DEVNULL)
        for each in (*self.started, self.first):
            each.wait()


@pytest.fixture
def world(tmp_path):
    if os.geteuid() != 0 or not os.path.exists("/var/lib/dpkg/status"):
        pytest.skip("needs root for namespaces, and a host with dpkg")
    made = World(tmp_path)
    yield made
    made.close()


def of(uses, start):
    return next(use for use in uses.values() if use.name.startswith(start))


def test_what_runs_is_executed_what_it_loads_mapped_and_what_else_is_there_not_told(world):
    world.run(PROGRAM, "-c", WAITS)
    uses = world.collect()
    assert (of(uses, "python3").evidence, of(uses, "libc6").evidence) == ("executed", "mapped")
    assert of(uses, "python3").root
    assert not any(use.name in ("tar", "gzip") for use in uses.values())
    (scope,) = world.scopes
    assert (scope.scope, scope.complete, scope.opens, scope.used) == ("host", False, "descriptors", len(uses))


def test_who_listens_is_told_with_how_far_that_reaches(world):
    world.run(PROGRAM, "-c", LISTENS)
    uses = world.collect()
    assert (of(uses, "python3").listening, of(uses, "python3").exposure) == (True, "any")
    assert (of(uses, "coreutils").listening, of(uses, "coreutils").exposure) == (False, None)


def test_another_user_is_not_root(world):
    world.run(PROGRAM, "-c", WAITS, before=("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"))
    assert not of(world.collect(), "python3").root


def test_evidence_stays_after_the_process_and_the_packages_are_looked_up_no_more(world):
    running = world.run(PROGRAM, "-c", WAITS)
    first = of(world.collect(), "python3")
    running.stdin.close()
    running.wait()
    read = []
    again = of(world.collect(read.append), "python3")
    assert (again.evidence, again.first_seen, again.last_seen, again.processes) == (
        "executed",
        first.first_seen,
        first.last_seen,
        0,
    )
    assert not any(path.startswith("/var/lib/dpkg/info/") for path in read)


def test_a_process_in_another_tree_is_counted_and_not_taken_for_the_hosts(world, tmp_path):
    if not os.path.exists("/bin/busybox"):
        pytest.skip("needs a static busybox")
    (tmp_path / "other/usr/bin").mkdir(parents=True)
    shutil.copy("/bin/busybox", tmp_path / "other/usr/bin/gzip")
    inside = f"mount --bind {tmp_path}/other {tmp_path}/other && cd {tmp_path}/other && mkdir -p old && pivot_root . old && exec /usr/bin/gzip -c"
    world.run("unshare", "-m", "sh", "-c", f"echo; {inside}")
    uses = {}
    for _ in range(200):
        uses = world.collect()
        if any("another tree" in (scope.missed or "") for scope in world.scopes):
            break
    assert "another tree" in world.scopes[0].missed
    assert not any(use.name == "gzip" for use in uses.values())


def test_nothing_but_what_is_declared_is_read(world):
    world.run(PROGRAM, "-c", LISTENS)
    read = set()
    world.collect(read.add)
    patterns = SPEC.reads()
    assert {path for path in read if not any(fnmatch.fnmatch(path, pattern) for pattern in patterns)} == set()
