"""What reading a host can run into, and the gap that each becomes."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.model.records import Gap


class LimitReached(Exception):
    """More than the limit of a read was there; what had been read before is valid."""


class NotAFile(OSError):
    """The path names a directory, FIFO, socket or device, which is never opened for reading."""


class Unsettled(Exception):
    """The system is being changed right now, so that its state is no state; look again later."""


_REASONS = {
    errno.ENOENT: "absent",
    errno.ENOTDIR: "absent",
    errno.EACCES: "denied",
    errno.EPERM: "denied",
    errno.ELOOP: "escapes",
    errno.EXDEV: "escapes",
    errno.ESRCH: "vanished",
    errno.ESTALE: "vanished",
}


def gap(subject: str, error: Exception, hides: str | None) -> Gap:
    """Turn a foreseen failure into the gap that reports it (see Gap for the words)."""
    from agent.model.records import Gap  # noqa: PLC0415 - it brings dataclasses, two of the watcher's fifteen MiB

    return Gap(subject, reason(error), _detail(error), hides)


def reason(error: Exception) -> str:
    """Give the one word that a gap uses for an error."""
    if isinstance(error, LimitReached):
        return "limit"
    if isinstance(error, NotAFile):
        return "not_a_file"
    if isinstance(error, OSError):
        return _REASONS.get(error.errno or 0, "io_error")
    return "malformed"


def _detail(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)
