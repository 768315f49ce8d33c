"""A watcher as the daemon starts it, and what tests ask of it."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

from agent.start import words
from agent.worker.state import save_settings

PATIENCE = 20.0


class Watching:
    """A watcher at work, as the daemon starts it."""

    def __init__(self, state, settings, before=()):
        state.mkdir(mode=0o700, exist_ok=True)
        self.state = state
        self.folder = state / "sections/integrity"
        self.save(settings)
        self.wants, writing = os.pipe()
        command = [
            *before,
            "/bin/bash",
            "-c",
            f'exec "$@" 3>&{writing} {writing}>&-',
            "sh",
            *words("agent.watch"),
            str(state),
        ]
        self.process = subprocess.Popen(command, pass_fds=(writing,))
        os.close(writing)

    def save(self, settings):
        save_settings(settings)

    def told(self):
        return json.loads((self.folder / "watch.json").read_bytes())

    def ready(self):
        until(lambda: (self.folder / "watch.json").exists() and self.told()["pid"] == self.process.pid)
        return self

    def ended(self):
        """Give its exit code once it has ended by itself."""
        return self.process.wait(PATIENCE)

    def end(self):
        """End it and give all that it wrote, lines with the same key united."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(PATIENCE) == 0
        return self.events()

    def events(self):
        united = {}
        for line in (self.folder / "events.journal").read_bytes().splitlines():
            event = json.loads(line)
            key = (event["minute"], event["pid"], event["path"])
            before = united.get(key)
            if before:
                event["actions"] = sorted({*before["actions"], *event["actions"]})
                event["count"] = max(before["count"], event["count"])
            united[key] = event
        return list(united.values())

    def written(self):
        """Give what it has written to the journal so far."""
        journal = self.folder / "events.journal"
        return journal.read_bytes() if journal.exists() else b""

    def sleeps(self):
        """Give how many times it went to sleep by itself."""
        return self._status("voluntary_ctxt_switches")

    def is_asleep(self):
        return "State:\tS" in Path(f"/proc/{self.process.pid}/status").read_text()

    def peak_kib(self):
        return self._status("VmHWM")

    def _status(self, name):
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.wants)


def until(holds):
    """Wait for what another process is about to bring about."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.005)
