"""Our modules as processes of their own, with collectors that a test brings along."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from agent.worker.state import save_settings

if TYPE_CHECKING:
    from pathlib import Path

    from agent.model.settings import Settings

_COLLECTOR = """\
import os
from agent.model.records import Address, Gap
from agent.model.spec import ROOT, Spec

SPEC = Spec("a test's", every=60, needs=frozenset((ROOT,)), reads=lambda: (), memory={memory}, seconds={seconds})

def collect(host, options):
"""
TEN_RECORDS = """\
    for number in range(10):
        yield Address("eth0", f"10.0.0.{number}", 24, "private")
"""
FILL_MEMORY = """\
    held = []
    while True:
        held.append(Address("eth0", f"10.0.0.{len(held)}", 24, "private"))
    yield held
"""
FILL_MEMORY_FOR_GOOD = """\
    global held
    held = None
    for size in (1 << 20, 1 << 16, 1 << 12, *range(512, 0, -16)):
        try:
            while True:
                held = (bytes(size), held)
        except MemoryError:
            pass
    raise MemoryError
"""
"""Not a byte of it comes back when the exception is done with."""
WAIT = """\
    os.write(1, b"waiting\\n")
    os.read(0, 1)
"""


def words(module: str, collectors: Path | None = None) -> list[str]:
    """Give the words that start a module; collectors is a folder with more of them, found by their file names."""
    if collectors is None:
        return [sys.executable, "-I", "-m", module]
    start = (
        f"import agent.collectors, runpy; agent.collectors.__path__.append({str(collectors)!r}); "
        f"runpy.run_module({module!r}, run_name='__main__')"
    )
    return [sys.executable, "-I", "-c", start]


class Collectors:
    """A folder of collectors that is looked into after our own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "agent" / "collectors"
        self.folder.mkdir(parents=True)

    def add(self, section: str, body: str, memory: int = 32, seconds: int = 20) -> None:
        """Add a collector, or replace one; the body is that of its generator, indented."""
        text = _COLLECTOR.format(memory=memory, seconds=seconds) + body
        (self.folder / f"{section}.py").write_text(text)


class Report(NamedTuple):
    """What a worker said on descriptor 3, and its exit code."""

    line: dict[str, Any]
    code: int


class Workers:
    """Worker processes over one state folder; descriptor 3 is their standard output."""

    def __init__(self, settings: Settings, collectors: Collectors) -> None:
        self.settings = settings
        self.collectors = collectors
        save_settings(settings)

    def start(self, *job: str) -> subprocess.Popen[bytes]:
        worker = [*words("agent.worker", self.collectors.folder), self.settings.state_dir, *job]
        return subprocess.Popen(
            ["/bin/sh", "-c", 'exec "$@" 3>&1', "sh", *worker], bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def run(self, *job: str) -> Report:
        with self.start(*job) as worker:
            said, _ = worker.communicate(timeout=60)
        *before, line = said.splitlines() or [b"{}"]
        assert before == []
        return Report(json.loads(line), worker.returncode)
