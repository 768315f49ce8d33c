"""Processes that read one tree each, started by one that was there before its parent gave up starting any.

A worker may start no process once it is confined, and must be confined before it looks at anything hostile. So it starts
a single one before: that waits for trees, and has a child read each, which can reach nothing else (Landlock, seccomp).
Whatever a tree does to its reader, the next one is read by another.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import time
from typing import TYPE_CHECKING, NamedTuple, NoReturn, Protocol

from agent import limits
from agent.model.codec import dumps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_TREES = 8
_WORDS = 128 * 1024
_MEMORY = 44
"""MiB of address space beyond the 20 that the program itself takes in memory."""
_SECONDS = 20
_WALL = 180
"""Seconds after which a reader is killed, be it by itself or, when it hangs in the kernel, by its parent."""
_STEP = 1.0
"""Seconds between two looks at a reader whose end was missed."""


class Reading(Protocol):
    """The module that reads."""

    def load(self) -> None:
        """Load all code that reading may need."""
        ...

    def read(self, trees: Sequence[int], words: bytes) -> Iterator[bytes]:
        """Give lines about some trees.

        trees: Open directories.
        words: What is asked for.
        """
        ...


class Limits(NamedTuple):
    """What a reader may use.

    memory: MiB beyond what the process has when it starts.
    seconds: Processor seconds.
    wall: Seconds on the wall.
    """

    memory: int = _MEMORY
    seconds: int = _SECONDS
    wall: float = _WALL


class Readers:
    """Starts readers; to be made before the process is confined, and closed.

    refused: Confinements that readers have to do without here.
    """

    def __init__(self, load: Callable[[], Reading], limits_of: Limits = Limits()) -> None:  # noqa: B008 - it is immutable
        """Start the process that waits.

        load: Gives the module that reads; called there, when the first tree comes.
        """
        self.refused = () if limits.can_confine_to() else ("landlock of readers",)
        self._socket, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._pid = os.fork()
        if self._pid == 0:
            self._socket.close()
            _be_starter(other, load, limits_of)
        other.close()

    def read(self, trees: Sequence[int], words: bytes) -> int:
        """Have some trees read; give the descriptor to which the reader writes, which ends with it. OSError.

        Another may be asked for only when that has ended.
        """
        reading, writing = os.pipe2(os.O_CLOEXEC)
        try:
            socket.send_fds(self._socket, [words], [writing, *trees])
        except OSError:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        return reading

    def close(self) -> None:
        """End the process that waits."""
        self._socket.close()
        os.waitpid(self._pid, 0)


def _be_starter(requests: socket.socket, load: Callable[[], Reading], limits_of: Limits) -> NoReturn:
    """Start a reader for each request until there is nobody any more to make one."""
    try:
        limits.end_with_parent()
        _let_go_of_all_but(requests.fileno())
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGCHLD,))
        reading = None
        while True:
            words, trees, _, _ = socket.recv_fds(requests, _WORDS, _TREES)
            if not trees:
                break
            if reading is None:
                reading = load()
                reading.load()
                gc.freeze()  # what is there stays, so that no reader has to go through it
            _start(reading, trees, words, limits_of, requests)
            for fd in trees:
                os.close(fd)
    finally:
        os._exit(0)


def _let_go_of_all_but(kept: int) -> None:
    """Close what the parent has open: through nothing of it may a reader reach further than its trees."""
    nothing = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
    for fd in (0, 1, 2):
        os.dup2(nothing, fd)
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2 and int(name) != kept:
            try:
                os.close(int(name))
            except OSError:
                pass  # that through which they were listed


def _start(reading: Reading, fds: Sequence[int], words: bytes, limits_of: Limits, requests: socket.socket) -> None:
    pid = os.fork()
    if pid:
        _wait(pid, limits_of.wall)
        return
    try:
        requests.close()
        _be_reader(reading, fds[0], fds[1:], words, limits_of)
    finally:
        os._exit(1)


def _be_reader(reading: Reading, writing: int, trees: Sequence[int], words: bytes, limits_of: Limits) -> None:
    """Read, and say so; of what goes wrong only the kind is said, for its text may quote what was read."""
    limits.apply_to_reader(limits_of.memory, limits_of.seconds, tuple(trees))
    try:
        block = bytearray()
        for line in reading.read(trees, words):
            block += line
            if len(block) > _WORDS:
                _write(writing, block)
                block.clear()
        _write(writing, block)
    except limits.TimedOut:
        _fail(writing, "limit", "it took more time than one container may")
    except MemoryError:
        _fail(writing, "limit", "it takes more memory to read than one container may")
    except Exception as error:  # noqa: BLE001 - the reader is where the unforeseen is turned into a word
        _fail(writing, "io_error", f"its reader failed with {type(error).__name__}")


def _fail(fd: int, reason: str, detail: str) -> None:
    """Say what went wrong, behind a line that may be half."""
    _write(fd, b"\n" + dumps(["failed", reason, detail]) + b"\n")


def _write(fd: int, block: bytes | bytearray) -> None:
    rest = memoryview(block)
    while rest:
        rest = rest[os.write(fd, rest) :]
    rest.release()


def _wait(pid: int, seconds: float) -> None:
    """Wait for a reader, and kill it when it takes too long, even when it hangs in the kernel."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if os.waitpid(pid, os.WNOHANG)[0]:
            return
        signal.sigtimedwait((signal.SIGCHLD,), _STEP)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
