"""What a collector declares about itself, and what it is given besides the host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agent.model.records import Record

ROOT = "root"
"""A tree to read: every host offers it."""

PROC = "proc"
"""The process file system of a running system."""


@dataclass(frozen=True)
class Spec:
    """A collector's contract.

    summary: What the section holds, one line for people.
    every: Seconds between two runs by default.
    needs: What the host must offer (ROOT, PROC); without it the section is unsupported.
    reads: Globs of all that is read below the root; any other read fails the collector's test.
    memory: Most memory that a run may use, MiB.
    seconds: Most processor seconds that a run may use; ten times as many may pass on the wall.
    """

    summary: str
    every: int
    needs: frozenset[str]
    reads: tuple[str, ...]
    memory: int
    seconds: int


def _nothing() -> Iterator[Record]:
    return iter(())


@dataclass(frozen=True)
class Options:
    """What a collector is told beside the host.

    labels: Labels of the configuration, each written name=value, sorted.
    previous: Gives the records of the section's last snapshot, for collectors that can verify
        cheaper than find; nothing when there is none.
    previous_at: When that snapshot was taken, seconds since 1970; None without one.
    """

    labels: tuple[str, ...] = ()
    previous: Callable[[], Iterator[Record]] = _nothing
    previous_at: int | None = None
