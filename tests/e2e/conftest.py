"""The real backend and the real daemon as processes, with a Debian root between them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import urllib.request
from typing import Any

import pytest

JOIN, READ = "join-token-for-the-end-to-end-test", "read-token-for-the-end-to-end-test"
PYTHON = [sys.executable, "-I", "-m"]
PATIENCE = 300


class Backend:
    """A backend process on a store that outlives it."""

    def __init__(self, folder) -> None:
        self._folder = folder
        self._port = 0
        self.start()

    def start(self) -> None:
        """Start it, on the same port as before."""
        environment = {"STOCKTAKE_BACKEND_JOIN_TOKEN": JOIN, "STOCKTAKE_BACKEND_READ_TOKEN": READ}
        store = f"sqlite:///{self._folder}/backend.sqlite"
        words = [*PYTHON, "backend.cli", "serve", "--listen", f"127.0.0.1:{self._port}", "--store", store]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment)
        self.url = self.process.stdout.readline().split()[-1]
        self._port = int(self.url.rpartition(":")[2])

    def stop(self, number=signal.SIGTERM) -> None:
        """End it."""
        self.process.send_signal(number)
        self.process.communicate()

    def ask(self, path: str) -> Any:
        """Give the answer to a question."""
        request = urllib.request.Request(self.url + path, headers={"Authorization": f"Bearer {READ}"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def records(self, section: str) -> dict[str, dict[str, Any]]:
        """Give a section's records of the only host, by key; nothing before it has reported."""
        hosts = self.ask("/v1/hosts")["hosts"]
        if not hosts or section not in hosts[0]["sections"]:
            return {}
        found, cursor = {}, ""
        while cursor is not None:
            page = self.ask(f"/v1/hosts/{hosts[0]['agent']}/sections/{section}/records?limit=500{cursor}")
            found.update((record["key"], record["fields"]) for record in page["records"])
            cursor = f"&cursor={page['next']}" if page["next"] else None
        return found

    def changes(self, section: str) -> list[dict[str, Any]]:
        """Give what changed in a section of the only host."""
        agent = self.ask("/v1/hosts")["hosts"][0]["agent"]
        return self.ask(f"/v1/hosts/{agent}/changes?section={section}&limit=500")["changes"]


class Agent:
    """The daemon, looking at an unpacked root every ten seconds.

    variables: Further variables of its environment.
    """

    def __init__(self, folder, root, url: str, **variables: str) -> None:
        self.state = folder / "state"
        self.environment = {
            "STOCKTAKE_STATE_DIR": str(self.state),
            "STOCKTAKE_ROOT": str(root),
            "STOCKTAKE_BACKEND_URL": url,
            "STOCKTAKE_BACKEND_JOIN_TOKEN": JOIN,
            "STOCKTAKE_PACKAGES_EVERY": "10s",
            "STOCKTAKE_DELIVERY_HEARTBEAT": "10s",
            "STOCKTAKE_DELIVERY_SPLAY": "0s",
            **variables,
        }
        self.start()

    def start(self) -> None:
        """Start it."""
        self.process = subprocess.Popen([*PYTHON, "agent.cli", "run"], env=self.environment)

    def stop(self, number=signal.SIGTERM) -> int:
        """End it; give its exit code."""
        self.process.send_signal(number)
        return self.process.wait(15)

    def hurry(self) -> None:
        """Have every section collected and delivered now: a fresh start does so."""
        self.stop()
        self.start()

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another command of stocktake on the same state."""
        return subprocess.run([*PYTHON, "agent.cli", *words], env=self.environment, capture_output=True, text=True)


def eventually(truth) -> None:
    """Wait until something that other processes bring about is true."""
    deadline = time.monotonic() + PATIENCE
    while not truth():
        assert time.monotonic() < deadline, "it did not come true within five minutes"
        time.sleep(0.05)


@pytest.fixture
def backend(tmp_path):
    """A running backend."""
    running = Backend(tmp_path)
    yield running
    running.stop(signal.SIGKILL)


@pytest.fixture
def agent(tmp_path, debian, backend):
    """A running daemon that looks at a Debian root."""
    running = Agent(tmp_path, debian, backend.url)
    yield running
    if running.process.poll() is None:
        running.stop(signal.SIGKILL)
