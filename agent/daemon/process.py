"""A worker as the daemon sees it: started, listened to for one line, ended when its time is over."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

STATUS_FD = 3
"""Descriptor of a worker's status line."""
_SPARE = 255
_LINE = 4096
"""Longest status line, bytes."""
_READS = 32
"""Reads of that length at a time: twice what a pipe holds, so that one which never stops talking is left at some point."""
PATIENCE = 5.0
"""Seconds between the request to end and the end."""


class Ending(NamedTuple):
    """How a worker ended.

    report: The object of its status line; empty when it died without one.
    code: Exit code, or the negative number of the signal that killed it.
    overdue: Whether it was ended because its time was over.
    """

    report: Mapping[str, Any]
    code: int
    overdue: bool

    def cause(self) -> tuple[str, str]:
        """Say why a worker died that did not say so itself: a status and a line for people."""
        if self.overdue:
            return "timed_out", "the worker was ended because its time on the wall was over"
        if self.code < 0:
            return "failed", f"the worker was killed by signal {-self.code}, perhaps for lack of memory"
        return "failed", f"the worker ended with code {self.code} before it could report"


class Worker:
    """A running worker process, the leader of its own process group.

    name: What it does, for people: collect packages.
    deadline: When it is asked to end, seconds since boot.
    heard: Bytes that it has said so far.
    is_silent: Whether it has closed its status line, so that it says nothing more.
    """

    def __init__(self, name: str, words: list[str], deadline: float) -> None:
        self.name = name
        self.deadline = deadline
        self.heard = 0
        self.is_silent = False
        self._said = b""
        self._asked_at: float | None = None
        self.fd, writing = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            self.pid = os.posix_spawn(
                words[0],
                words,
                _environment(),
                file_actions=_files(writing),
                setpgroup=0,
                setsigmask=(),
                setsigdef=(signal.SIGPIPE, signal.SIGTERM, signal.SIGHUP, signal.SIGINT),
            )
        except OSError:
            os.close(self.fd)
            raise
        finally:
            os.close(writing)
        _let_go_first(self.pid)

    def poll(self) -> Ending | None:
        """Take in what it says; once it is over give how it ended."""
        self._listen()
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if pid == 0:
            return None
        self._listen()
        os.close(self.fd)
        return Ending(_report(self._said), os.waitstatus_to_exitcode(status), self._asked_at is not None)

    def lines(self) -> list[bytes]:
        """Give the whole lines that it has said since last asked, as far as the last 4 KiB of them go."""
        *lines, self._said = self._said.split(b"\n")
        return lines

    def keep_time(self, now: float) -> None:
        """Ask it to end at its deadline, and kill its group when it does not."""
        if self._asked_at is None and now >= self.deadline:
            self.end(now)
        elif self._asked_at is not None and now >= self._asked_at + PATIENCE:
            self._signal(signal.SIGKILL)

    def end(self, now: float) -> None:
        """Ask it to end; keep_time sees that it does."""
        if self._asked_at is None:
            self._asked_at = now
            self._signal(signal.SIGTERM)

    def next_check(self) -> float:
        """When keep_time has something to do, seconds since boot."""
        return self.deadline if self._asked_at is None else self._asked_at + PATIENCE

    def _signal(self, number: int) -> None:
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            pass  # it ended by itself a moment ago

    def _listen(self) -> None:
        try:
            for _ in range(_READS):
                chunk = os.read(self.fd, _LINE)
                if not chunk:
                    self.is_silent = True
                    return
                self.heard += len(chunk)
                self._said = (self._said + chunk)[-_LINE:]
        except BlockingIOError:
            pass


def _let_go_first(pid: int) -> None:
    """Have the kernel take a process before the daemon when memory runs out, from its first instruction on."""
    try:
        with open(f"/proc/{pid}/oom_score_adj", "w", encoding="ascii") as score:
            score.write("500")
    except OSError:
        pass  # it has ended already, or the kernel does not let us


def _environment() -> dict[str, str]:
    """Give a worker's environment: settings, and where systemd has put credentials (systemd.exec(5))."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.startswith("STOCKTAKE_") or name == "CREDENTIALS_DIRECTORY"
    }


def _files(writing: int) -> list[tuple[int, ...] | tuple[int, int, str, int, int]]:
    """Give the descriptors of a worker: nothing to read, the daemon's output and errors, its status line on 3.

    The pipe is first moved out of the way, because a descriptor duplicated onto itself would stay close-on-exec.
    """
    return [
        (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
        (os.POSIX_SPAWN_DUP2, writing, _SPARE),
        (os.POSIX_SPAWN_DUP2, _SPARE, STATUS_FD),
        (os.POSIX_SPAWN_CLOSE, _SPARE),
    ]


def _report(said: bytes) -> Mapping[str, Any]:
    """Read the status line, the last thing that a worker says."""
    try:
        report = json.loads(said.rstrip(b"\n").rpartition(b"\n")[2])
    except ValueError:
        return {}
    return report if isinstance(report, dict) else {}
