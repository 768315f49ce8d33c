"""Processors, memory and boot time of a running system through psutil, reading that system's own proc."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

try:
    import psutil
except ImportError:
    from agent.host import plain

    HAS_PSUTIL = False
else:
    HAS_PSUTIL = True

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.host.procfs import ProcFS


def processors(proc: ProcFS) -> int | None:
    """Give the number of logical processors that are online."""
    if not HAS_PSUTIL:
        return plain.processors()
    with _reading(proc):
        return psutil.cpu_count()


def memory(proc: ProcFS) -> int:
    """Give the physical memory that the kernel manages, in bytes (MemTotal of proc's meminfo)."""
    if not HAS_PSUTIL:
        return plain.memory(proc)
    with _reading(proc):
        return psutil.virtual_memory().total


def booted_at(proc: ProcFS) -> int:
    """Give when the system booted, seconds since 1970 (btime of proc's stat); it moves with the clock."""
    if not HAS_PSUTIL:
        return plain.booted_at(proc)
    with _reading(proc):
        return int(psutil.boot_time())


@contextmanager
def _reading(proc: ProcFS) -> Iterator[None]:
    """Let psutil read a given proc: it knows no other way than an attribute of its module."""
    before = psutil.PROCFS_PATH
    psutil.PROCFS_PATH = proc.path
    try:
        yield
    finally:
        psutil.PROCFS_PATH = before
