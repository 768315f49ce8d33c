"""A section read in a child process: whole lines as they come, and a closing line however it ends."""

from __future__ import annotations

import json
import os
import select
import signal
import time
from typing import TYPE_CHECKING, Any, NoReturn

from agent.model.status import FAILED, OUT_OF_MEMORY, TIMED_OUT
from agent.worker.scan import scan_child

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.model.settings import Settings

_BLOCK = 64 * 1024
_NEXT = b'\n{"section":'
"""Starts every line but the first of a block; Python counts it five times as fast as line ends alone."""
_GAP = b'"kind":"gap"'
"""Stands in a gap's line and in no other: within a JSON string the quotes would be escaped."""


class SectionRun:
    """One section of one scan.

    settings: The settings that hold.
    section: Its name.
    deadline: When the scan must end, on the monotonic clock; None when it need not.
    count: Records that were given so far, gaps among them.
    closing: After blocks() is through, the object that ends the section, also when the child died.
    cut_off: Whether the deadline came before the section's end.
    """

    def __init__(self, settings: Settings, section: str, deadline: float | None) -> None:
        self.closing: dict[str, Any] = {}
        self.cut_off = False
        self.section = section
        self.count = 0
        self._settings = settings
        self._deadline = deadline
        self._started_at = time.time()
        self._gaps = 0
        self._ending: dict[str, Any] = {}

    def blocks(self) -> Iterator[bytes]:
        """Give the lines of the records, some at a time, each line whole."""
        reading, writing = os.pipe2(os.O_CLOEXEC)
        pid = os.fork()
        if pid == 0:
            self._be_child(writing)
        os.close(writing)
        try:
            yield from self._lines(reading)
        except TimeoutError:
            self.cut_off = True
        finally:
            os.close(reading)
            if not self._ending:
                os.kill(pid, signal.SIGKILL)
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        self._close(code)

    def _be_child(self, writing: int) -> NoReturn:
        try:
            scan_child(self._settings, self.section, writing)
            os._exit(0)
        finally:
            os._exit(1)

    def _lines(self, reading: int) -> Iterator[bytes]:
        """Read to the line that ends the section, or until the child is gone; a line that it did not finish is dropped."""
        rest = b""
        last_line = b'{"section":"%b","kind":"section",' % self.section.encode()
        while chunk := self._read(reading):
            block, newline, rest = (rest + chunk).rpartition(b"\n")
            block += newline
            start = block.rfind(b"\n", 0, -1) + 1
            if block.startswith(last_line, start):
                self._ending = json.loads(block[start:])
                block = block[:start]
            if block:
                self.count += 1 + block.count(_NEXT)
                self._gaps += block.count(_GAP)
                yield block
            if self._ending:
                return

    def _read(self, reading: int) -> bytes:
        if self._deadline is not None:
            left = self._deadline - time.monotonic()
            if left <= 0 or not select.select([reading], [], [], left)[0]:
                raise TimeoutError
        return os.read(reading, _BLOCK)

    def _close(self, code: int) -> None:
        """Give the closing object: count tells the records, gaps not among them."""
        if self._ending:
            status, error = self._ending["status"], self._ending["error"]
        elif self.cut_off:
            status, error = TIMED_OUT, "the time of --timeout was over"
        else:
            status, error = _death(code)
        self.closing = {
            "section": self.section,
            "kind": "section",
            "status": status,
            "count": self.count - self._gaps,
            "gaps": self._gaps,
            "taken_at": int(self._started_at),
            "error": error,
        }


def _death(code: int) -> tuple[str, str]:
    if code == -signal.SIGKILL:
        return OUT_OF_MEMORY, "the process was killed, most likely for lack of memory"
    return FAILED, f"the process ended with code {code} before it was done"
