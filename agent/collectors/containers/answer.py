"""What a reader says of a container, taken for hostile: bounded, of the shape that is expected, and about this container alone."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from agent.host.said import LONGEST, NEVER_SAID, drain, lines, text
from agent.model.records import ContainedPackage, Gap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.model.records import Record

_BYTES = 32 * 1024 * 1024
_LINE = 1024 * 1024
_PACKAGES = 50_000
_GAPS = 2_000
_WALL = 200.0
"""Seconds; the reader itself is killed before."""
_OF_PACKAGE = 11
_NEEDED = 3
"""Values of a package: key, manager, name, version, architecture, source, its version, package URL, location, owner, added."""


class Answer:
    """The answer about one container.

    contents: Id of its contents.
    distribution, distribution_version, managers, packages: As in the record of the contents.
    is_complete: Whether the reader came to its end without a gap.
    """

    def __init__(self, contents: str) -> None:
        self.contents = contents
        self.distribution: str | None = None
        self.distribution_version: str | None = None
        self.managers: tuple[str, ...] = ()
        self.packages = 0
        self.is_complete = False
        self._gaps = 0
        self._has_ended = False

    def records(self, fd: int) -> Iterator[Record]:
        """Give what is said on a descriptor until it ends, and close it."""
        problem = None
        try:
            for line in lines(fd, _BYTES, _LINE, _WALL):
                yield from self._record(line)
        except ValueError as error:
            problem = str(error)
            drain(fd, _WALL)
        finally:
            os.close(fd)
        self.is_complete = self._has_ended and not self._gaps and problem is None
        if problem or not (self._has_ended or self._gaps):
            yield self._gap("packages", "io_error", problem or "the reader died before it had read all", "")

    def _record(self, line: bytes) -> Iterator[Record]:
        try:
            kind, *values = json.loads(line)
        except (ValueError, TypeError, RecursionError):
            raise ValueError(NEVER_SAID) from None
        if kind == "packages":
            yield from map(self._package, values)
        elif kind == "gap":
            yield from self._reported(values)
        elif kind == "distribution":
            self._distribution(values)
        elif kind == "failed":
            reason, detail = map(text, values)
            yield self._gap("packages", reason, detail, "")
        elif kind == "end":
            self._has_ended = True
        else:
            raise ValueError(NEVER_SAID)

    def _package(self, values: object) -> ContainedPackage:
        self.packages += 1
        if self.packages > _PACKAGES:
            raise ValueError("the reader gave more packages than one container may have")
        if not (isinstance(values, list) and len(values) == _OF_PACKAGE and _are_sound(values)):
            raise ValueError(NEVER_SAID)
        return ContainedPackage(self.contents, *values)

    def _reported(self, values: list[object]) -> Iterator[Gap]:
        subject, reason, detail, hides = (None if value is None else text(value) for value in values)
        if self._gaps < _GAPS:
            yield self._gap(subject or "", reason or "", detail or "", hides)
        self._gaps += self._gaps == _GAPS

    def _distribution(self, values: list[object]) -> None:
        name, version, managers = values
        self.distribution = None if name is None else text(name)
        self.distribution_version = None if version is None else text(version)
        self.managers = tuple(map(text, managers[:16])) if isinstance(managers, list) else ()

    def _gap(self, subject: str, reason: str, detail: str, hides: str | None) -> Gap:
        self._gaps += 1
        return Gap(
            f"contents/{self.contents} {subject}",
            reason,
            detail,
            None if hides is None else f"contents/{self.contents}/{hides}",
        )


def _are_sound(values: list[object]) -> bool:
    """Tell whether values are texts, of which the first are there, and at last a truth; all of them not too long."""
    for value in values[:-1]:
        if value is not None and not (isinstance(value, str) and len(value) <= LONGEST):
            return False
    return None not in values[:_NEEDED] and (values[-1] is None or isinstance(values[-1], bool))
