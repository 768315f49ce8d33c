"""Sleeping until a time has passed, a worker has ended or spoken, or a signal arrives."""

from __future__ import annotations

import os
import select
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

STOPPING = {signal.SIGTERM, signal.SIGINT}
"""Signals that ask to stop."""
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)


class Waiter:
    """Turns signals into something to wait for, so that none can come between a check and the sleep."""

    def __init__(self) -> None:
        self._reading, self._writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)
        for number in _SIGNALS:
            signal.signal(number, _note)

    def wait(self, seconds: float, speaking: Sequence[int] = (), hearing: Sequence[int] = ()) -> set[int]:
        """Sleep at most so many seconds; give the signals that arrived. The end of a worker is one of them.

        speaking: Descriptors that end the sleep when there is something to read.
        hearing: Descriptors that end it when they can be written to.
        """
        select.select([self._reading, *speaking], hearing, [], max(0.001, min(seconds, 3600.0)))
        try:
            return set(os.read(self._reading, 4096))
        except BlockingIOError:
            return set()


def _note(_number: int, _frame: object) -> None:
    """Do nothing: the signal's number is on its way through the pipe."""
