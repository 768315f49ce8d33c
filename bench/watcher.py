"""The watcher of files: what it costs at rest, and what it costs a package manager at work. Run as root, as python -m bench.watcher."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from agent.model.settings import Settings
from agent.start import words
from agent.worker.state import save_settings
from bench.measure import Row, missed, table

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = 2000
ROUNDS = 7
REST = 10.0
"""Seconds over which its processor time is looked at while nothing happens."""
_READY = 20.0
_TICK = os.sysconf("SC_CLK_TCK")


def main() -> int:
    """Print the comparisons; 1 when a target is missed."""
    with tempfile.TemporaryDirectory() as folder:
        rows = _measure(Path(folder))
    print(table(rows))
    return 1 if missed(rows) else 0


def _measure(folder: Path) -> list[Row]:
    package = _package(folder)
    root = folder / "root"
    without, beside = [], []
    with _watcher(folder / "state", root) as pid:
        before = _cpu_seconds(pid)
        time.sleep(REST)
        rest = _cpu_seconds(pid) - before
    for _ in range(ROUNDS):
        without.append(_install(package, root))
        with _watcher(folder / "state", root) as pid:
            beside.append(_install(package, root))
            peak = _peak_mib(pid)
    return [
        Row(f"at rest, of {REST:.0f} s: CPU s", rest, REST, 0.001),
        Row("after 2,000 files, against 15: peak MiB", peak, 15, 1),
        Row("dpkg -i of 2,000 files, alone: wall s", min(beside), min(without), 1.05),
    ]


def _package(folder: Path) -> Path:
    """Build a package of 2,000 files."""
    tree = folder / "package"
    (tree / "DEBIAN").mkdir(parents=True)
    control = "Package: many\nVersion: 1\nArchitecture: all\nMaintainer: A <a@example.org>\nDescription: many files\n"
    (tree / "DEBIAN/control").write_text(control)
    for number in range(FILES):
        path = tree / f"usr/share/many/{number // 100:02}/{number:04}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"%d" % number * 500)
    built = folder / "many.deb"
    subprocess.run(("dpkg-deb", "--build", "-Znone", str(tree), str(built)), check=True, stdout=subprocess.DEVNULL)
    return built


def _install(package: Path, root: Path) -> float:
    """Install it into an empty root; give the seconds that passed."""
    shutil.rmtree(root / "usr", ignore_errors=True)
    shutil.rmtree(root / "var", ignore_errors=True)
    for name in ("usr", "var/lib/dpkg/info", "var/lib/dpkg/updates", "var/lib/dpkg/triggers"):
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / "var/lib/dpkg/status").touch()
    os.sync()
    started = time.monotonic()
    command = ("dpkg", f"--root={root}", "--force-script-chrootless", "-i", str(package))
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - started


@contextmanager
def _watcher(state: Path, root: Path) -> Iterator[int]:
    """Run the watcher over a tree; give its process id once it watches."""
    shutil.rmtree(state, ignore_errors=True)
    state.mkdir(mode=0o700)
    (root / "usr").mkdir(parents=True, exist_ok=True)
    save_settings(Settings(state_dir=str(state), integrity_trees=(f"{root}/usr",)))
    command = ["/bin/sh", "-c", 'exec "$@" 3>/dev/null', "sh", *words("agent.watch.__main__"), str(state)]
    with subprocess.Popen(command) as watcher:
        try:
            _wait_until_ready(state, watcher)
            yield watcher.pid
        finally:
            watcher.terminate()


def _wait_until_ready(state: Path, watcher: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _READY
    told = state / "sections/integrity/watch.json"
    while time.monotonic() < end and watcher.poll() is None:
        if told.exists():
            said = json.loads(told.read_bytes())
            if said["state"] != "watching":
                raise SystemExit(f"the watcher cannot watch here: {said}")
            return
        time.sleep(0.05)
    raise SystemExit("the watcher did not start")


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def _peak_mib(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    sys.exit(main())
