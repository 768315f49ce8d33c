"""What this agent asks psutil for, in Python alone: for where its compiled part is missing.

It is where no wheel is made for the processor, and where the modules are in one archive.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from agent.formats.rtnetlink import REQUEST, ipv4_addresses
from agent.host.netlink import ROUTE, ask

if TYPE_CHECKING:
    from agent.host.procfs import ProcFS

_DATAGRAMS = 4096
"""Most that are read of an answer, each with a hundred addresses."""


def processors() -> int:
    """Give the number of processors that are online; for every root, as psutil does."""
    return os.sysconf("SC_NPROCESSORS_ONLN")


def memory(proc: ProcFS) -> int:
    """Give MemTotal of meminfo in bytes; ValueError when it is not there (proc(5))."""
    return _number(proc, "meminfo", b"MemTotal:") * 1024


def booted_at(proc: ProcFS) -> int:
    """Give btime of stat, seconds since 1970; ValueError when it is not there (proc(5))."""
    return _number(proc, "stat", b"btime ")


def own_ipv4() -> dict[str, tuple[str, int]]:
    """Give interface and prefix length of each IPv4 address of the agent's network namespace; OSError as of socket(2)."""
    return {
        address: (interface, prefix) for interface, address, prefix in ipv4_addresses(ask(REQUEST, _DATAGRAMS, ROUTE))
    }


def _number(proc: ProcFS, name: str, start: bytes) -> int:
    for line in proc.lines(name):
        if line.startswith(start):
            return int(line[len(start) :].split()[0])
    raise ValueError(f"{name} does not have {start.decode().rstrip(': ')}")
