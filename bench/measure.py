"""What a command costs: processor time, peak memory and wall time of all its processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LAUNCHER = """
import json, os, sys
report, command = int(sys.argv[1]), sys.argv[2:]
os.set_inheritable(report, False)
child = os.posix_spawnp(command[0], command, os.environ)
_, status, usage = os.wait4(child, 0)
code = os.waitstatus_to_exitcode(status)
os.write(report, json.dumps([usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, code]).encode())
"""


class Cost(NamedTuple):
    """What one run of a command cost.

    cpu_seconds: User and system time of the process and of all descendants that were waited for.
    peak_mib: Largest resident set that any one of them had, MiB.
    wall_seconds: Time from start to end, with that of the launcher; on a busy machine it misleads.
    exit_code: As of subprocess: negative for a signal.
    stdout: What it printed.
    """

    cpu_seconds: float
    peak_mib: float
    wall_seconds: float
    exit_code: int
    stdout: bytes


class Row(NamedTuple):
    """One comparison.

    what: What is compared, with its unit.
    ours: Our figure.
    peer: The peer's figure.
    target: Highest ratio of the two that is good; None where the comparison only informs.
    """

    what: str
    ours: float
    peer: float
    target: float | None


def run(argv: Sequence[str], runs: int = 1, env: Mapping[str, str] | None = None, cwd: str | None = None) -> Cost:
    """Run a command several times and give the run that took the least processor time.

    A process inherits the peak of the one that forked it, so each is started by a fresh small one: what
    needs less than that launcher's 8 MiB is given as 8 MiB.
    """
    return min((_once(argv, env, cwd) for _ in range(runs)), key=lambda cost: cost.cpu_seconds)


def measured(argv: Sequence[str], runs: int, good: Sequence[int] = (0,)) -> Cost:
    """Run a command as run() does; SystemExit when it ended with a code that is not good."""
    cost = run(argv, runs)
    if cost.exit_code not in good:
        raise SystemExit(f"{' '.join(argv)}: exit code {cost.exit_code}")
    return cost


def table(rows: Sequence[Row]) -> str:
    """Lay comparisons out for a terminal."""
    lines = [("what", "ours", "peer", "ratio", "target", "verdict"), *map(_cells, rows)]
    widths = [max(map(len, column)) for column in zip(*lines)]
    return "\n".join(
        "  ".join([cells[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(cells[1:], widths[1:]))]) for cells in lines
    )


def missed(rows: Sequence[Row]) -> list[Row]:
    """Give the comparisons whose target is missed."""
    return [row for row in rows if row.target is not None and row.ours > row.target * row.peer]


def _cells(row: Row) -> tuple[str, ...]:
    ratio = f"{row.ours / row.peer:.2f}" if row.peer else "-"
    if row.target is None:
        return row.what, f"{row.ours:.3f}", f"{row.peer:.3f}", ratio, "-", "-"
    verdict = "missed" if missed([row]) else "met"
    return row.what, f"{row.ours:.3f}", f"{row.peer:.3f}", ratio, f"<= {row.target:.2f}", verdict


def _once(argv: Sequence[str], env: Mapping[str, str] | None, cwd: str | None) -> Cost:
    reading, report = os.pipe()
    command = [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(report), *argv]
    started = time.monotonic()
    with open(reading, "rb") as answer:
        try:
            finished = subprocess.run(command, stdout=subprocess.PIPE, env=env, cwd=cwd, pass_fds=[report], check=True)
        finally:
            os.close(report)
        wall = time.monotonic() - started
        cpu, peak, code = json.load(answer)
    return Cost(cpu, peak, wall, code, finished.stdout)
