"""Sorts many lines in bounded memory: sorted runs of them lie in nameless files, or compressed in memory."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from agent.host.errors import LimitReached
from agent.host.scratch import nameless

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import BinaryIO

_ON_DISK = 2 * 1024 * 1024
"""Memory that lines may take before they become a run in a file."""
_IN_MEMORY = 1024 * 1024
"""The same where runs stay in memory, and what is written for the others twice while it is compressed."""
_OVERHEAD = 41
"""What CPython adds to a line, in bytes: a byte string and its place in a list."""
_BUFFER = 16 * 1024
_RUNS = 128
"""Runs on disk, a gibibyte."""
_COMPRESSED = 16 * 1024 * 1024
"""Bytes that compressed runs may take together: some 500,000 lines."""
_FASTEST = 1


class Runs:
    """Takes lines of bytes in any order, each with its end, and gives them in the order of their bytes.

    folder: Where runs are spilled; None keeps them in memory.
    """

    def __init__(self, folder: str | None, run_bytes: int | None = None) -> None:
        self._folder = folder
        self._run_bytes = run_bytes or (_IN_MEMORY if folder is None else _ON_DISK)
        self._lines: list[bytes] = []
        self._size = 0
        self._files: list[BinaryIO] = []
        self._compressed: list[bytes] = []

    def add(self, line: bytes) -> None:
        """Take a line; LimitReached where there are too many, OSError where a run could not be spilled."""
        self._lines.append(line)
        self._size += len(line) + _OVERHEAD
        if self._size > self._run_bytes:
            self._lines.sort()
            self._keep()
            self._lines.clear()
            self._size = 0

    def lines(self) -> Iterator[bytes]:
        """Give the lines in their order, once."""
        self._lines.sort()
        runs: list[Iterable[bytes]] = [*self._files, *map(_decompressed, self._compressed)]
        if not runs:
            return iter(self._lines)
        from heapq import merge  # noqa: PLC0415 - a small host needs it not

        return merge(*runs, self._lines)

    def close(self) -> None:
        """Let go of all lines."""
        for file in self._files:
            file.close()
        self._files.clear()
        self._compressed.clear()
        self._lines.clear()

    def _keep(self) -> None:
        if self._folder is None:
            _require(sum(map(len, self._compressed)) < _COMPRESSED)
            self._compressed.append(zlib.compress(b"".join(self._lines), _FASTEST))
            return
        _require(len(self._files) < _RUNS)
        file = nameless(self._folder, _BUFFER)
        self._files.append(file)
        file.writelines(self._lines)
        file.seek(0)


def _require(room: bool) -> None:
    if not room:
        raise LimitReached("more files than are sorted")


def _decompressed(run: bytes) -> Iterator[bytes]:
    """Give the lines of a run, a piece of it at a time."""
    stream = zlib.decompressobj()
    inflate: Callable[[bytes, int], bytes] = stream.decompress
    rest = b""
    while not stream.eof:
        *lines, rest = (rest + inflate(run, _BUFFER)).split(b"\n")
        run = stream.unconsumed_tail
        yield from (line + b"\n" for line in lines)
