"""What the agent itself costs: the daemon with all the workers that have ended."""

from __future__ import annotations

import os


def cpu_seconds() -> float:
    """Give the processor seconds that the daemon and its ended workers used since it started."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def resident_kib() -> int:
    """Give the daemon's resident memory in KiB, from VmRSS of proc(5)."""
    with open("/proc/self/status", "rb") as status:
        for line in status:
            if line.startswith(b"VmRSS:"):
                return int(line.split()[1])
    return 0
