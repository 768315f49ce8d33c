"""Where reports go: the interface of a sink, and those that need no network."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from agent.delivery.message import Part

OK = 200
_FILE = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Have(NamedTuple):
    """What the backend holds of a section: the last message that it applied."""

    epoch: str
    seq: int


class Answer(NamedTuple):
    """What was answered to a message.

    status: HTTP status.
    problem: What went wrong, one line for a person; None when the message was accepted.
    have: What the backend holds now; None when that is nothing, or when it does not say.
    resend: Sections of which the backend wants a snapshot.
    retry_after: Seconds for which the backend wants to be left alone.
    """

    status: int
    problem: str | None = None
    have: Have | None = None
    resend: tuple[str, ...] = ()
    retry_after: int | None = None


class Unavailable(Exception):
    """The destination takes nothing now, for the reason given; all is kept for later.

    retry_after: Seconds for which it wants to be left alone, None when it did not say.
    """

    def __init__(self, problem: str, retry_after: int | None = None) -> None:
        super().__init__(problem)
        self.retry_after = retry_after


class Sink(Protocol):
    """Takes messages; raises Unavailable when there is no answer, and nothing else."""

    @property
    def compresses(self) -> bool:
        """Whether what is sent to it is gzip'd."""
        ...

    def report(self, part: Part) -> Answer:
        """Send a part of a report."""
        ...

    def heartbeat(self, body: bytes, compressed: bool) -> Answer:
        """Send a heartbeat, gzip'd or not."""
        ...


class StdoutSink:
    """Prints every message as lines of JSON."""

    compresses = False

    def report(self, part: Part) -> Answer:
        """Print a part."""
        return self._print(part.body)

    def heartbeat(self, body: bytes, compressed: bool = False) -> Answer:  # noqa: ARG002 - nothing is for it
        """Print a heartbeat."""
        return self._print(body + b"\n")

    def _print(self, body: bytes) -> Answer:
        try:
            _write_all(1, body)
        except OSError as error:
            raise Unavailable(f"standard output: {error.strerror}") from None
        return Answer(OK)


class FileSink:
    """Appends every message to a file as lines of JSON; what it acknowledged is on the disk.

    path: The file, created for its owner alone; no link and nothing but a regular file is written to.
    """

    compresses = False

    def __init__(self, path: str) -> None:
        self._path = path

    def report(self, part: Part) -> Answer:
        """Append a part."""
        return self._append(part.body)

    def heartbeat(self, body: bytes, compressed: bool = False) -> Answer:  # noqa: ARG002 - nothing is for it
        """Append a heartbeat."""
        return self._append(body + b"\n")

    def _append(self, body: bytes) -> Answer:
        try:
            fd = os.open(self._path, _FILE, 0o600)
            try:
                _append_whole(fd, body)
            finally:
                os.close(fd)
        except OSError as error:
            raise Unavailable(f"{self._path}: {error.strerror}") from None
        return Answer(OK)


def _append_whole(fd: int, body: bytes) -> None:
    """Append all or nothing; what a killed process left of a line ends before it."""
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode):
        raise OSError(None, "not a regular file")
    if status.st_size and os.pread(fd, 1, status.st_size - 1) != b"\n":
        body = b"\n" + body
    try:
        _write_all(fd, body)
        os.fsync(fd)
    except OSError:
        os.ftruncate(fd, status.st_size)
        raise


def _write_all(fd: int, body: bytes) -> None:
    rest = memoryview(body)
    while rest:
        rest = rest[os.write(fd, rest) :]
