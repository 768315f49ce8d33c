"""Which packages processes use: stocktake beside osqueryi's process_memory_map. Run as root, as python -m bench.usage.

200 and 2,000 processes in namespaces of their own: workers of Python that were forked from a few parents, as servers have
them, and shells. Ours also tells to which packages the files belong, and who listens. The watcher of opens is measured in
bench.opens.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from agent.start import words
from bench import peers
from bench.measure import Row, measured, missed, table

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZES = (200, 2000)
RUNS = 5
SCAN = [*words("agent.cli"), "scan", "usage", "--format", "ndjson"]
OSQUERY = "select * from process_memory_map"
_PARENTS = 10
_PARTIAL = 3

_LOAD = """
import os, signal, sys
import asyncio, bz2, ctypes, decimal, hashlib, http.server, json, lzma, multiprocessing, random, socket, sqlite3, ssl, zlib
processes, parents = map(int, sys.argv[1:])
for parent in range(parents):
    if os.fork() == 0:
        kept = [bytearray(4096 * (parent + 1))]
        for worker in range(processes // parents - 1):
            if os.fork() == 0:
                if worker % 10 == 0:
                    os.execv("/bin/sh", ["/bin/sh", "-c", "read end"])
                break
        while True:
            signal.pause()
print("ready", flush=True)
while True:
    signal.pause()
"""


def main() -> int:
    """Print the comparison; 1 when a target is missed."""
    osqueryi = peers.osqueryi()
    rows = [row for size in SIZES for row in _measure(size, osqueryi)]
    print(table(rows))
    return 1 if missed(rows) else 0


def _measure(size: int, osqueryi: str) -> list[Row]:
    with _processes(size) as inside:
        ours = measured([*inside, *SCAN], RUNS, (0, _PARTIAL))
        peer = measured([*inside, osqueryi, "--config_path", "/dev/null", "--json", OSQUERY], RUNS)
    return [
        Row(f"{size} processes: CPU s", ours.cpu_seconds, peer.cpu_seconds, 1.0),
        Row(f"{size} processes: peak MiB", ours.peak_mib, peer.peak_mib, 1 / 3),
    ]


@contextmanager
def _processes(size: int) -> Iterator[list[str]]:
    """Start them in namespaces of their own; give the words that run a command among them."""
    load = [sys.executable, "-I", "-S", "-c", _LOAD, str(size), str(_PARENTS)]
    command = ["unshare", "--fork", "--pid", "--mount-proc", "--mount", "--net", *load]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, start_new_session=True) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            with open(f"/proc/{process.pid}/task/{process.pid}/children") as children:
                leader = children.read().split()[0]
            yield ["nsenter", "-t", leader, "-p", "-n", "-m"]
        finally:
            os.killpg(process.pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
