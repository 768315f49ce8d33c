"""Two threads that read files: one waits for the disk, or digests, while the other does. Results come in the order of asking."""

from __future__ import annotations

import os
from collections import deque
from queue import SimpleQueue
from threading import Event, Thread, stack_size
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from agent.collectors.integrity.reading import SMALL, Content, Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

READERS = 2
_STACK = 256 * 1024
"""Bytes of a thread's stack, of which the usual 8 MiB would count against the limit of the address space."""
_BATCH_FILES = 24
_BATCH_BYTES = 2 * 1024 * 1024
_BATCHES = 6
"""Batches that are under way at most: with them 144 open files."""

T = TypeVar("T")


class _Asked(NamedTuple):
    fd: int
    algorithms: frozenset[str]


class _Batch(Generic[T]):
    """Files that one thread reads one after the other, and what each of them was asked for."""

    def __init__(self) -> None:
        self.subjects: list[T] = []
        self.asked: list[_Asked | Content | None] = []
        self.contents: list[Content | None] = []
        self.size = 0
        self.done = Event()

    def read(self, reader: Reader) -> None:
        """Read them; whatever happens, each is closed and the batch is done."""
        try:
            for asked in self.asked:
                self.contents.append(reader.read(*asked) if isinstance(asked, _Asked) else asked)
        finally:
            for asked in self.asked:
                if isinstance(asked, _Asked):
                    os.close(asked.fd)
            self.done.set()


class Readers(Generic[T]):
    """Reads files in the background, a bounded number at a time; to be used as a context.

    The threads are started when a first batch is full, and are ended with the process if it does not come to the end.
    """

    def __init__(self) -> None:
        self._todo: SimpleQueue[_Batch[T] | None] = SimpleQueue()
        self._under_way: deque[_Batch[T]] = deque()
        self._batch: _Batch[T] = _Batch()
        self._threads: list[Thread] | None = None
        self._reader = Reader()

    def __enter__(self) -> Readers[T]:
        return self

    def __exit__(self, *_: object) -> None:
        for _thread in self._threads or ():
            self._todo.put(None)

    def ask(
        self, subject: T, fd: int | None, status: os.stat_result, algorithms: frozenset[str]
    ) -> Iterator[tuple[T, Content | None]]:
        """Take an open file to be read and closed, or None for what is given back in its turn; give what is done by now."""
        batch = self._batch
        asked, size = self._asked(fd, status, algorithms)
        batch.subjects.append(subject)
        batch.asked.append(asked)
        batch.size += size
        if len(batch.subjects) >= _BATCH_FILES or batch.size >= _BATCH_BYTES:
            if batch.size or self._under_way:
                self._start(batch)
            else:  # there is nothing to wait for
                batch.read(self._reader)
                yield from zip(batch.subjects, batch.contents)
            self._batch = _Batch()
            if len(self._under_way) >= _BATCHES:
                yield from self._first()

    def _asked(
        self, fd: int | None, status: os.stat_result, algorithms: frozenset[str]
    ) -> tuple[_Asked | Content | None, int]:
        """Give what remains to be read of a file, and how much that is."""
        if fd is None:
            return None, 0
        if status.st_size <= SMALL:
            content = self._reader.read_cached(fd, status, algorithms)
            if content:
                os.close(fd)
                return content, 0
        return _Asked(fd, algorithms), status.st_size + 1

    def rest(self) -> Iterator[tuple[T, Content | None]]:
        """Give all that is still to come."""
        while self._under_way:
            yield from self._first()
        batch, self._batch = self._batch, _Batch()
        batch.read(self._reader)
        yield from zip(batch.subjects, batch.contents)

    def _first(self) -> Iterator[tuple[T, Content | None]]:
        batch = self._under_way.popleft()
        batch.done.wait()
        yield from zip(batch.subjects, batch.contents)

    def _start(self, batch: _Batch[T]) -> None:
        if self._threads is None:
            self._threads = self._started()
        self._under_way.append(batch)
        if self._threads:
            self._todo.put(batch)
        else:
            batch.read(self._reader)

    def _started(self) -> list[Thread]:
        """Start the threads; none where the system refuses more, and all is then read here."""
        before = stack_size(_STACK)
        threads = []
        try:
            for _ in range(READERS):
                thread = Thread(target=_work, args=(self._todo,), daemon=True)
                thread.start()
                threads.append(thread)
        except RuntimeError:
            pass
        finally:
            stack_size(before)
        return threads


def _work(todo: SimpleQueue[_Batch[T] | None]) -> None:
    reader = Reader()
    while True:
        batch = todo.get()
        if batch is None:
            return
        batch.read(reader)
