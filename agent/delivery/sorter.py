"""Sorts lines by their keys in bounded memory: what is too much is spilled to disk in sorted runs."""

from __future__ import annotations

import os
from bisect import bisect_left
from operator import itemgetter
from typing import TYPE_CHECKING, BinaryIO

from agent.delivery.files import TEMPORARY, create
from agent.model.snapshot import read_line, write_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agent.model.codec import Line

RUN_BYTES = 4 * 1024 * 1024
"""Memory that lines may take before they are spilled: as many in order as come go to one run, however many."""
_BUFFER = 16 * 1024
"""Memory that each run takes while they are merged: a hundred of them, a million records, take 1.6 MiB."""
_OVERHEAD = 200
"""What CPython adds to a line of three byte strings, in bytes."""
_by_key = itemgetter(0)


class Sorter:
    """Takes lines in any order and gives one for each key: the one added last, an empty one only if all are.

    folder: Where runs are spilled; they have no name there, so that nothing is left of a killed process.
    """

    def __init__(self, folder: str, run_bytes: int = RUN_BYTES) -> None:
        self._folder = folder
        self._run_bytes = run_bytes
        self._lines: list[Line] = []
        self._size = 0
        self._runs: list[BinaryIO] = []
        self._run_end = b""

    def add(self, line: Line) -> None:
        """Take a line; OSError when it had to be spilled and could not. One that says only that a key is gone is empty."""
        self._lines.append(line)
        self._size += _size(line)
        if self._size > self._run_bytes:
            self._spill()

    def lines(self) -> Iterator[Line]:
        """Give the lines in the order of their keys; anew each time, and one at a time."""
        self._lines.sort(key=_by_key)
        return _last_of_each_key(self._merged() if self._runs else self._lines)

    def close(self) -> None:
        """Let go of what was spilled."""
        for run in self._runs:
            run.close()

    def _spill(self) -> None:
        """Spill what goes on in the order of the last run; the rest, too, unless that is little.

        So one run takes all of a stream that is in order but for a few lines, such as gaps.
        """
        latest = min(line.key_json for line in self._lines[-2:])
        self._lines.sort(key=_by_key)
        self._spill_between(bisect_left(self._lines, (self._run_end,)), bisect_left(self._lines, (latest + b"\0",)))
        if 2 * self._size > self._run_bytes:
            self._spill_between(0, len(self._lines))

    def _spill_between(self, first: int, last: int) -> None:
        if first >= last:
            return
        if not self._runs or self._lines[first].key_json < self._run_end:
            self._runs.append(self._new_run())
        self._runs[-1].writelines(map(write_line, self._lines[first:last]))
        self._run_end = self._lines[last - 1].key_json
        del self._lines[first:last]
        self._size = sum(map(_size, self._lines))

    def _new_run(self) -> BinaryIO:
        path = os.path.join(self._folder, "sorting" + TEMPORARY)
        run = create(path, _BUFFER)
        os.unlink(path)
        return run

    def _merged(self) -> Iterator[Line]:
        """Merge runs oldest first: of equal keys the one added last comes last, as in a stable sort."""
        from heapq import merge  # noqa: PLC0415 - few hosts ever need it

        for run in self._runs:
            run.seek(0)
        return merge(*(map(read_line, run) for run in self._runs), self._lines, key=_by_key)


def _size(line: Line) -> int:
    return _OVERHEAD + len(line.key_json) + len(line.stable) + len(line.volatile)


def _last_of_each_key(lines: Iterable[Line]) -> Iterator[Line]:
    kept: Line | None = None
    for line in lines:
        if kept is not None and kept.key_json != line.key_json:
            yield kept
        elif kept is not None and kept.stable and not line.stable:
            continue
        kept = line
    if kept is not None:
        yield kept
