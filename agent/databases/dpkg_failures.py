"""Failures of one kind at many files of dpkg, told as one gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.host.errors import gap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.model.records import Gap


class Failures:
    """Counts failures.

    hides: What their gap hides; None where no record is missing, only what the files would have said.
    """

    def __init__(self, subject: str, hides: str | None = None) -> None:
        self._subject = subject
        self._hides = hides
        self._count = 0
        self._first: tuple[str, Exception] | None = None

    def note(self, path: str, error: Exception) -> None:
        """Count a file that could not be read."""
        self._count += 1
        self._first = self._first or (path, error)

    def gaps(self) -> Iterator[Gap]:
        """Give the gap, if there was a failure: the reason is that of the first."""
        if self._first:
            path, error = self._first
            found = gap(self._subject, error, self._hides)
            more = f" and {self._count - 1} more" if self._count > 1 else ""
            yield type(found)(found.subject, found.reason, f"{path}{more}: {found.detail}", self._hides)
