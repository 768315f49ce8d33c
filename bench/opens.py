"""The watcher of opens: what a service's start and its warm running in a container lose beside it, and its memory. Run as root, as python -m bench.opens."""

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

ROUNDS = 15
OPENS = 100_000
PER_SECOND = 10_000
_READY = 20.0
_TICK = os.sysconf("SC_CLK_TCK")
_START = """
import time
started = time.monotonic(), time.process_time()
import asyncio, concurrent.futures, ctypes, email.mime.text, hashlib, http.server, json, logging.config, multiprocessing
import pydoc, sqlite3, ssl, tarfile, unittest.mock, urllib.request, xml.dom.minidom, xml.sax, xmlrpc.server, zipfile
print(time.monotonic() - started[0], time.process_time() - started[1])
"""
_WARM = """
import os, sys, time
paths = [module.__cached__ for module in list(sys.modules.values()) if getattr(module, "__cached__", None)]
paths = [path for path in paths if os.path.exists(path)]
def opens(count):
    for number in range(count):
        os.close(os.open(paths[number % len(paths)], os.O_RDONLY))
opens(1000)
time.sleep(1)
best = 1e9
for _ in range(10):
    started = time.process_time()
    opens(10_000)
    best = min(best, time.process_time() - started)
print(best)
"""


def main() -> int:
    """Print the comparisons; 1 when a target is missed."""
    with tempfile.TemporaryDirectory() as folder:
        rows = _measure(Path(folder))
    print(table(rows))
    return 1 if missed(rows) else 0


def _measure(folder: Path) -> list[Row]:
    alone, beside, warm_alone, warm_beside = [], [], [], []
    for number in range(ROUNDS):
        alone.append(_in_container(folder / f"a{number}", _START))
        with _watcher(folder / "state"):
            beside.append(_in_container(folder / f"b{number}", _START, folder / "state"))
    for number in range(3):
        warm_alone.append(_in_container(folder / f"c{number}", _WARM))
        with _watcher(folder / "state") as pid:
            before = _cpu_seconds(pid)
            warm_beside.append(_in_container(folder / f"d{number}", _WARM, folder / "state"))
            spent = _cpu_seconds(pid) - before
            peak = _peak_mib(pid)
    return [
        Row("start of a service of Python: CPU s", min(cpu for _, cpu in beside), min(cpu for _, cpu in alone), 1.03),
        Row(
            "start of a service of Python: wall s",
            min(wall for wall, _ in beside),
            min(wall for wall, _ in alone),
            None,
        ),
        Row("10,000 opens of what was seen: CPU s", min(warm_beside)[0], min(warm_alone)[0], 1.1),
        Row("110,000 opens, of which few are new: CPU s of the watcher", spent, 0.1, 1),
        Row("watcher, against 15: peak MiB", peak, 15, 1),
    ]


def _in_container(folder: Path, code: str, state: Path | None = None) -> tuple[float, ...]:
    """Run Python in a fresh container of this host's tree; give the numbers that it prints."""
    with _tree(folder) as root:
        (folder / "upper/run.py").write_text(code)
        if state:
            _wait_for(lambda: os.stat(root).st_dev in _told(state).get("overlays", ()))
        subprocess.run(["runc", "spec"], cwd=folder, check=True)
        spec = json.loads((folder / "config.json").read_text())
        spec["process"].update(terminal=False, args=["/usr/bin/python3", "/run.py"])
        spec["process"]["rlimits"] = [{"type": "RLIMIT_NOFILE", "hard": 4096, "soft": 4096}]
        spec["linux"]["cgroupsPath"] = f"/docker/{os.urandom(32).hex()}"
        (folder / "config.json").write_text(json.dumps(spec))
        name = f"stocktake-bench-{os.getpid()}"
        done = subprocess.run(["runc", "run", name], cwd=folder, check=True, capture_output=True, text=True)
        return tuple(map(float, done.stdout.split()))


@contextmanager
def _tree(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "stocktake", folder], check=True)
    for name in ("rootfs", "upper", "work"):
        (folder / name).mkdir()
    layers = f"lowerdir=/,upperdir={folder}/upper,workdir={folder}/work"
    subprocess.run(["mount", "-t", "overlay", "stocktake", "-o", layers, folder / "rootfs"], check=True)
    try:
        yield folder / "rootfs"
    finally:
        subprocess.run(["umount", "-l", folder / "rootfs", folder], check=True)


@contextmanager
def _watcher(state: Path) -> Iterator[int]:
    """Run the watcher; give its process id once it watches."""
    shutil.rmtree(state, ignore_errors=True)
    state.mkdir(mode=0o700)
    save_settings(Settings(state_dir=str(state), usage_enabled=True))
    command = ["/bin/sh", "-c", 'exec "$@" 3>/dev/null', "sh", *words("agent.watch.opens"), str(state)]
    with subprocess.Popen(command) as watcher:
        try:
            _wait_for(lambda: _told(state).get("pid") == watcher.pid)
            yield watcher.pid
        finally:
            watcher.terminate()


def _told(state: Path) -> dict[str, object]:
    try:
        found: dict[str, object] = json.loads((state / "sections/usage/watch.json").read_bytes())
    except FileNotFoundError:
        return {}
    return found


def _wait_for(holds) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + _READY
    while not holds():
        if time.monotonic() > end:
            raise SystemExit("the watcher did not get there")
        time.sleep(0.02)


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def _peak_mib(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    sys.exit(main())
