"""Scans of file integrity as the daemon makes them, in worker processes: killed anywhere, and of very many files."""

from __future__ import annotations

import json
import os
import random
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from agent.delivery.attempts import read_attempt
from agent.delivery.reading import CURRENT, read_snapshot
from agent.delivery.store import folder_of
from agent.model.settings import Settings
from agent.start import words
from agent.worker.state import save_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = 3000
KILLS = 8
MANY = 100_000


class Scans:
    """A root with a watched tree, and workers that scan it."""

    def __init__(self, folder: Path, name: str = "state", root: Path | None = None) -> None:
        self.root = root or folder / "root"
        self.tree = self.root / "watched"
        self.tree.mkdir(parents=True, exist_ok=True)
        state = folder / name
        state.mkdir(mode=0o700)
        self.settings = Settings(
            state_dir=str(state), root=str(self.root), integrity_trees=("/watched",), integrity_watch=False
        )
        save_settings(self.settings)
        self.folder = folder_of(str(state), "integrity")

    def start(self) -> subprocess.Popen[bytes]:
        job = [*words("agent.worker.__main__"), self.settings.state_dir, "collect", "integrity"]
        return subprocess.Popen(["/bin/sh", "-c", 'exec "$@" 3>&1', "sh", *job], stdout=subprocess.PIPE)

    def scan(self) -> dict[str, Any]:
        """Scan to the end; give what the worker said."""
        rest(self.tree)
        with self.start() as worker:
            said, _ = worker.communicate()
        return json.loads(said)

    def records(self, kind: str) -> Iterator[dict[str, Any]]:
        path = os.path.join(self.folder, CURRENT)
        if os.path.exists(path):
            for line in read_snapshot(path):
                record = json.loads(line.stable)
                if record["kind"] == kind:
                    yield record

    def files(self) -> dict[str, Any]:
        return {record["path"]: record for record in self.records("file")}

    def members(self) -> list[str]:
        """Give what was told of changes: what happened and the path."""
        return sorted(member for change in self.records("file_change") for member in change["members"])


def rest(tree: Path) -> None:
    """Wait until the clock is past the ticks in which the tree was changed."""
    newest = max(entry.stat().st_ctime_ns for entry in os.scandir(tree))
    while time.time_ns() < newest + 110_000_000:
        os.sched_yield()


@pytest.mark.parametrize("seed", [1, 2])
def test_a_scan_that_is_killed_anywhere_loses_no_change_and_tells_none_twice(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    scans = Scans(tmp_path)
    for number in range(FILES):
        (scans.tree / f"{number}").write_bytes(b"before" * (number % 50))
        os.utime(scans.tree / f"{number}", (1, 1))
    scans.scan()
    started = time.monotonic()
    scans.scan()
    usual = time.monotonic() - started
    changed, killed = [], 0
    while killed < KILLS:
        changed.append(7 * len(changed))
        (scans.tree / f"{changed[-1]}").write_bytes(b"after")
        rest(scans.tree)
        with scans.start() as worker:
            try:
                worker.wait(chance.random() * usual)
            except subprocess.TimeoutExpired:
                worker.kill()
                killed += 1
    assert scans.scan()["status"] == "complete"
    assert scans.members() == sorted(f"sha256,size,modified_at /watched/{number}" for number in changed)
    fresh = Scans(tmp_path, "fresh", scans.root)
    fresh.scan()
    assert scans.files() == fresh.files()
    assert not [name for name in os.listdir(scans.folder) if name.endswith(".tmp")]


def test_a_hundred_thousand_files_in_one_folder_take_no_more_memory_than_a_few(tmp_path: Path) -> None:
    scans = Scans(tmp_path)
    folder = os.open(scans.tree, os.O_PATH)
    for number in range(MANY):
        os.close(os.open(f"file-{number}", os.O_CREAT | os.O_WRONLY, dir_fd=folder))
    os.utime("file-777", (1, 1), dir_fd=folder)
    os.close(folder)
    first = scans.scan()
    assert (first["status"], first["count"]) == ("complete", MANY + 3)
    peak = read_attempt(scans.folder).peak_mib
    (scans.tree / "file-777").write_bytes(b"changed")
    assert scans.scan()["changed"]
    assert scans.members() == ["sha256,size,modified_at /watched/file-777"]
    assert max(peak, read_attempt(scans.folder).peak_mib) < 32
