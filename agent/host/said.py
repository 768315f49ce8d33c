"""What a process that reads a tree apart says, taken for hostile: by then it may be the tree's (agent.worker.readers)."""

from __future__ import annotations

import os
import select
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

NEVER_SAID = "the reader said what it never says"
LONGEST = 4096
"""Characters of a text."""


def lines(fd: int, left: int, longest: int, wall: float) -> Iterator[bytes]:
    """Give the lines of a descriptor; ValueError where they are too long, too many, or never end.

    left: Bytes of all of them.
    longest: Bytes of one.
    wall: Seconds for which is waited.
    """
    rest = b""
    end = time.monotonic() + wall
    while True:
        chunk = _chunk(fd, end)
        if chunk is None:
            raise ValueError("the reader did not end in time")
        if not chunk:
            return
        left -= len(chunk)
        *whole, rest = (rest + chunk).split(b"\n")
        if left < 0 or len(rest) > longest:
            raise ValueError("the reader said more than one container has")
        yield from filter(None, whole)


def drain(fd: int, wall: float) -> None:
    """Wait until a reader that is not believed any more has ended, so that it does not take the time of the next one.

    wall: Seconds for which is waited.
    """
    end = time.monotonic() + wall
    while _chunk(fd, end):
        pass


def text(value: object) -> str:
    """Give a text of bounded length; ValueError for anything else."""
    if not isinstance(value, str) or len(value) > LONGEST:
        raise ValueError(NEVER_SAID)
    return value


def text_or_none(value: object) -> str | None:
    """Give a text as above, or None."""
    return None if value is None else text(value)


def _chunk(fd: int, end: float) -> bytes | None:
    """Read on; empty at the end, None when the time is over."""
    if not select.select([fd], [], [], max(0.0, end - time.monotonic()))[0]:
        return None
    return os.read(fd, 64 * 1024)
