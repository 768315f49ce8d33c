"""The ports of a busy host: stocktake beside osqueryi and ss. Run as root, as python -m bench.ports.

2,000 processes hold 50 descriptors each, of which some are connected sockets. One in fifty of them listens:
at its first descriptors as daemons do, or at its last, where a search must look at everything. All of it
happens in namespaces of its own, so that what else runs here changes nothing. The first pass knows
nothing; a later one has the snapshot of the one before, as in the daemon.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from agent.model.settings import Settings
from agent.start import words
from agent.worker.state import prepare, save_settings
from bench import peers
from bench.measure import Cost, Row, missed, run, table

if TYPE_CHECKING:
    from collections.abc import Iterator

PROCESSES = 2000
DESCRIPTORS = 50
CONNECTED = 18
"""Connected sockets of each process: with so many the peers cost what they did when the targets were set."""
LISTENERS = 40
RUNS = 3
SCAN = [*words("agent.cli"), "scan", "ports", "--format", "ndjson"]
OSQUERY = "select * from listening_ports"

_LOAD = """
import os, signal, socket, sys
processes, descriptors, connected, listeners, last = map(int, sys.argv[1:])
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
kept = []

def listen():
    kept.append(socket.socket())
    kept[-1].listen()

def child(number):
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    listens = number % (processes // listeners) == 0
    if listens and not last:
        listen()
    kept.extend(socket.socketpair() for _ in range(connected // 2))
    while len(os.listdir("/proc/self/fd")) - 1 < descriptors - (listens and last):
        os.open("/dev/null", os.O_RDONLY)
    if listens and last:
        listen()

children = []
for number in range(processes):
    forked = os.fork()
    if not forked:
        child(number)
        os.kill(os.getpid(), signal.SIGSTOP)
        os._exit(0)
    children.append(forked)
for forked in children:
    os.waitpid(forked, os.WUNTRACED)
print("ready", flush=True)
try:
    signal.pause()
finally:
    for forked in children:
        os.kill(forked, signal.SIGKILL)
"""
_WORLD = ("unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child")
_INSIDE = "--inside"


def main() -> int:
    """Print the comparison; 1 when a target is missed."""
    if _INSIDE not in sys.argv:
        return subprocess.run([*_WORLD, sys.executable, "-m", "bench.ports", _INSIDE]).returncode
    rows = [*_compared("first descriptors", False), *_compared("last descriptors", True)]
    print(table(rows))
    return 1 if missed(rows) else 0


def _compared(place: str, last: bool) -> list[Row]:
    with _load(last), tempfile.TemporaryDirectory() as state:
        first = _measured(SCAN)
        later = _later(state)
        rows = [Row(f"{place}: first pass, peak MiB against 25", first.peak_mib, 25, 1)]
        rows += [Row(f"{place}: later pass, peak MiB against 25", later.peak_mib, 25, 1)]
        try:
            osquery = _measured([peers.osqueryi(), "--json", OSQUERY])
            print(f"{place}: {_owned(first)} listeners with owner here, {_of_osquery(osquery)} of osqueryi")
            rows += _rows(f"{place}: osqueryi", first, later, osquery, (0.6, 0.1))
        except peers.Unavailable as error:
            print(f"osqueryi is left out: {error}")
        if shutil.which("ss"):
            rows += _rows(f"{place}: ss -tulpn", first, later, _measured(["ss", "-H", "-tulpn"]), (None, None))
    return rows


@contextmanager
def _load(last: bool) -> Iterator[None]:
    numbers = (str(int(number)) for number in (PROCESSES, DESCRIPTORS, CONNECTED, LISTENERS, last))
    command = [sys.executable, "-I", "-S", "-c", _LOAD, *numbers]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as forker:
        try:
            if forker.stdout is None or forker.stdout.readline() != b"ready\n":
                raise SystemExit("the load did not start")
            yield
        finally:
            forker.terminate()


def _later(state: str) -> Cost:
    """Measure the worker that the daemon runs, after one that has left a snapshot."""
    prepare(state)
    save_settings(Settings(state_dir=state))
    worker = ["sh", "-c", 'exec "$@" 3>&1', "sh", *words("agent.worker.__main__"), state, "collect", "ports"]
    _measured(worker, 1)
    return _measured(worker)


def _measured(command: list[str], runs: int = RUNS) -> Cost:
    cost = run(command, runs, cwd=os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    if cost.exit_code not in (0, 3):  # 3: something could not be seen
        raise SystemExit(f"{' '.join(command)}: exit code {cost.exit_code}")
    return cost


def _rows(peer: str, first: Cost, later: Cost, theirs: Cost, targets: tuple[float | None, float | None]) -> list[Row]:
    return [
        Row(f"{peer}, first pass: CPU s", first.cpu_seconds, theirs.cpu_seconds, targets[0]),
        Row(f"{peer}, later pass: CPU s", later.cpu_seconds, theirs.cpu_seconds, targets[1]),
        Row(f"{peer}, first pass: peak MiB", first.peak_mib, theirs.peak_mib, None),
    ]


def _owned(cost: Cost) -> int:
    records = map(json.loads, cost.stdout.splitlines())
    return sum(record["kind"] == "listener" and record["pid"] is not None for record in records)


def _of_osquery(cost: Cost) -> int:
    rows = json.loads(cost.stdout)
    return sum(row["protocol"] in ("6", "17") and row["port"] != "0" and row["pid"] != "-1" for row in rows)


if __name__ == "__main__":
    sys.exit(main())
