"""A limit on the wall-clock time of a block, whatever it waits for."""

from __future__ import annotations

import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class TooSlow(Exception):
    """The block took longer than its deadline."""


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raise TooSlow in the block after that many seconds; for the main thread of a process.

    Time limits of a socket bound each wait but not their sum. A real-time timer that is already
    running, such as the limit of the whole process, goes on: it acts alone when it ends first.
    """
    outer = signal.getitimer(signal.ITIMER_REAL)[0]
    if 0 < outer <= seconds:
        yield
        return
    start = time.monotonic()
    handler = signal.signal(signal.SIGALRM, _ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if outer:
            signal.setitimer(signal.ITIMER_REAL, max(0.001, outer - (time.monotonic() - start)))


def _ring(_number: int, _frame: object) -> None:
    raise TooSlow
