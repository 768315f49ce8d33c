"""Sleeping until there are events, a mount changed, a signal arrived, the daemon is gone, or a time has come."""

from __future__ import annotations

import os
import select
import signal
from typing import NamedTuple

STOPPING = (signal.SIGTERM, signal.SIGINT)
_SIGNALS = (*STOPPING, signal.SIGHUP)
_FAILURE = select.POLLERR | select.POLLHUP | select.POLLNVAL
_LONGEST = 3600.0


class Woken(NamedTuple):
    """Why the sleep ended.

    events: There are events.
    stops: The watcher was asked to end, or the daemon is gone.
    reloads: The settings may be others.
    mounts: What is mounted changed.
    """

    events: bool
    stops: bool
    reloads: bool
    mounts: bool


class Waiter:
    """Waits for everything at once; nothing but a time that something waits for wakes it by itself."""

    def __init__(self, events: int, mounts: int, daemon: int | None) -> None:
        """Wait for three descriptors; that of the daemon, a pipe, may be missing."""
        self._events, self._mounts, self._daemon = events, mounts, daemon
        self._reading, self._writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)
        for number in _SIGNALS:
            signal.signal(number, _note)
        self._poll = select.poll()
        self._poll.register(self._reading, select.POLLIN)
        self._poll.register(events, select.POLLIN)
        self._poll.register(mounts, select.POLLPRI)
        if daemon is not None:
            self._poll.register(daemon, 0)

    def wait(self, seconds: float | None) -> Woken:
        """Sleep until something happens, or at most so many seconds."""
        timeout = None if seconds is None else 1000 * max(0.0, min(seconds, _LONGEST)) + 1
        ready = dict(self._poll.poll(timeout))
        signals = self._signals() if self._reading in ready else frozenset()
        is_left = self._daemon is not None and bool(ready.get(self._daemon, 0) & _FAILURE)
        return Woken(
            events=self._events in ready,
            stops=is_left or not signals.isdisjoint(STOPPING),
            reloads=signal.SIGHUP in signals,
            mounts=self._mounts in ready,
        )

    def _signals(self) -> frozenset[int]:
        try:
            return frozenset(os.read(self._reading, 4096))
        except BlockingIOError:
            return frozenset()


def _note(_number: int, _frame: object) -> None:
    """Do nothing: the signal's number is on its way through the pipe."""
