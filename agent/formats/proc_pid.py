"""What a process is called and when it started, from its stat file (proc(5))."""

from __future__ import annotations

from typing import NamedTuple

_ENDED = (b"Z", b"X")
"""States of processes that have exited: zombie and dead."""


class ProcessStat(NamedTuple):
    """Fields of /proc/<pid>/stat.

    name: The kernel's name of the process, at most 15 bytes, or 63 for a kernel thread.
    has_ended: Whether it is a zombie, of which nothing is left but what its parent has not read.
    started: When it started, in clock ticks since boot.
    """

    name: str
    has_ended: bool
    started: int


def parse_stat(stat: bytes) -> ProcessStat:
    """Read a stat file; ValueError when it is none. The name may itself hold parentheses and spaces."""
    start = stat.index(b"(")
    end = stat.rindex(b")")
    fields = stat[end + 1 :].split(None, 20)
    if end < start or len(fields) < 20:
        raise ValueError("not a stat of a process")
    name = stat[start + 1 : end].decode("utf-8", "surrogateescape")
    return ProcessStat(name, fields[0] in _ENDED, int(fields[19]))
