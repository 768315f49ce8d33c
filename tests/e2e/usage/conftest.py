"""The watcher of opens and the collector beside real containers."""

import json
import os
import signal
import subprocess
import time

import pytest

from agent.collectors.usage import collect, inside
from agent.host import open_host
from agent.model.records import PackageUse, UsageScope
from agent.model.settings import Settings
from agent.model.spec import Options
from agent.start import words
from agent.worker.readers import Readers
from agent.worker.state import save_settings
from tests.hosts.runc import Runc, require_runc

PATIENCE = 60.0


def until(holds, what="it"):
    """Wait for what other processes are about to bring about."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"{what} did not come about"
        time.sleep(0.02)


def until_alive(container, holds):
    """Wait for what a container's program is about to bring about; at once an error when it has ended instead."""

    def look():
        assert container.is_alive, container.log
        return holds()

    until(look, "what the service does")


def listens(container, port):
    """Tell whether a TCP port of any address is listened at in a container."""
    tables = [f"/proc/{container.pid}/net/{name}" for name in ("tcp", "tcp6")]
    return any(f":{port:04X} " in open(table).read() for table in tables)


class Looking:
    """The watcher as the daemon starts it, and collections of what it and the kernel tell."""

    def __init__(self, state):
        self.state = state
        self.folder = state / "sections/usage"
        self.last = []
        self.succeeded_at = None
        self.process = None

    def watch(self):
        """Start the watcher."""
        save_settings(Settings(state_dir=str(self.state), usage_enabled=True))
        command = ["/bin/sh", "-c", 'exec "$@" 3>/dev/null', "sh", *words("agent.watch.opens"), str(self.state)]
        self.process = subprocess.Popen(command)
        until(lambda: self.told().get("pid") == self.process.pid, "the watcher")
        return self

    def told(self):
        try:
            return json.loads((self.folder / "watch.json").read_bytes())
        except FileNotFoundError:
            return {}

    def marks(self, tree):
        """Wait until the watcher has marked a tree, so that nothing that happens in it is missed."""
        device = os.stat(tree.root).st_dev
        until(lambda: device in self.told().get("overlays", ()), "the mark of the tree")
        return tree

    def sees(self, container):
        """Wait until the watcher watches a container."""
        until(lambda: container.id in self.told().get("scopes", {}), "the watch of the container")

    def peak_mib(self):
        lines = open(f"/proc/{self.process.pid}/status").read().splitlines()  # noqa: SIM115
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))

    def settle(self):
        """Have the watcher write what it has."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(PATIENCE) == 0
        self.process = None

    def collect(self):
        """Collect once, as a worker does with the last snapshot."""
        last = self.last
        self.folder.mkdir(parents=True, exist_ok=True)
        readers = Readers(lambda: inside)
        options = Options(
            previous=lambda prefix="": iter(last),
            folder=str(self.folder),
            succeeded_at=self.succeeded_at,
            is_kept=True,
            read_apart=readers.read,
        )
        self.succeeded_at = int(time.time())
        try:
            self.last = list(collect(open_host(), options))
        finally:
            readers.close()
        return self

    def uses(self, container):
        """Give the packages that a container used, by key."""
        return {each.package: each for each in self.last if isinstance(each, PackageUse) and each.scope == container.id}

    def scope(self, container):
        """Give how completely a container was seen."""
        (found,) = (each for each in self.last if isinstance(each, UsageScope) and each.scope == container.id)
        return found

    def gaps(self, container):
        """Give what could not be seen of a container."""
        return [each for each in self.last if each.KIND == "gap" and each.subject.startswith(container.id)]

    def close(self):
        if self.process:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def looking(tmp_path):
    require_runc()
    (tmp_path / "state").mkdir(mode=0o700)
    one = Looking(tmp_path / "state")
    yield one
    one.close()


@pytest.fixture
def runc(tmp_path):
    require_runc()
    made = Runc(tmp_path / "containers")
    yield made
    made.close()


@pytest.fixture
def is_ready():
    """Wait until a container's program has written the file /ready."""

    def wait(container):
        until_alive(container, (container.tree.upper / "ready").exists)

    return wait
