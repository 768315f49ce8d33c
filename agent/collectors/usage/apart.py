"""Has the files of a container looked up in a process of its own, and takes its answer for hostile."""

from __future__ import annotations

import json
import os
import zlib
from typing import TYPE_CHECKING

from agent.collectors.usage.inside import END, FILE, GAP, PACKAGE, UNSETTLED
from agent.host.errors import Unsettled
from agent.host.said import NEVER_SAID, lines, text, text_or_none
from agent.inventory.ownership import Belonging, Known, Ownership
from agent.model.records import Gap

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from agent.host.root import HostRoot

_WORDS = 100 * 1024
"""Bytes of a question, which is sent as one message."""
_FILES = 20_000
"""Files that are asked for at once; compressed they take some ten bytes each."""
_BYTES = 32 * 1024 * 1024
_LINE = 1024 * 1024
_WALL = 90.0
"""Bytes of an answer and of one line, and seconds that it may take; its reader is killed before."""
_BELONGINGS = 50_000
_GAPS = 200


class Apart:
    """Asks for files of containers.

    read_apart: Starts a reader (Options.read_apart); None where no process can be started.
    """

    def __init__(self, read_apart: Callable[[Sequence[int], bytes], int] | None) -> None:
        self._read_apart = read_apart

    def ownership(
        self, root: HostRoot, files: Mapping[str, bool], packages: Collection[str], report: Callable[[Gap], None]
    ) -> Ownership:
        """Give what the tree says, as far as it does; Unsettled where a package manager is at work in it."""
        found = Ownership({}, {})
        for part in _parts(files, packages) if self._read_apart else ():
            self._ask(root, part, set(files), found, report)
        if self._read_apart is None:
            report(Gap("packages", "unsupported", "no process could be started to look them up in", ""))
        return found

    def _ask(
        self, root: HostRoot, words: bytes, asked: Collection[str], found: Ownership, report: Callable[[Gap], None]
    ) -> None:
        assert self._read_apart is not None
        answer = _Answer(asked, found, report)
        try:
            fd = self._read_apart([root.fileno()], words)
        except OSError as error:
            report(Gap("packages", "io_error", str(error.strerror), ""))
            return
        try:
            for line in lines(fd, _BYTES, _LINE, _WALL):
                answer.take(line)
            answer.end()
        except ValueError as error:
            report(Gap("packages", "io_error", str(error), ""))
        finally:
            os.close(fd)


class _Answer:
    """An answer, with what is left of what it may hold."""

    def __init__(self, asked: Collection[str], found: Ownership, report: Callable[[Gap], None]) -> None:
        self._asked = asked
        self._found = found
        self._report = report
        self._left = _BELONGINGS
        self._gaps = _GAPS
        self._has_ended = False

    def take(self, line: bytes) -> None:
        """Take a line; ValueError where a reader never says such, Unsettled where it says that it could not read."""
        try:
            kind, *values = json.loads(line)
            if kind == FILE:
                self._file(*values)
            elif kind == PACKAGE:
                self._package(*values)
            elif kind == GAP:
                self._gap(*values)
            elif kind == "failed":
                reason, detail = values
                self._gap("packages", reason, detail, "")
                self._has_ended = True
            elif kind == UNSETTLED:
                raise Unsettled(text(*values))
            else:
                self._has_ended = kind == END
        except (TypeError, RecursionError):
            raise ValueError(NEVER_SAID) from None

    def end(self) -> None:
        """Note that the answer is over."""
        if not self._has_ended:
            self._report(Gap("packages", "io_error", "the reader died before it had looked all up", ""))

    def _file(self, path: object, belongings: object) -> None:
        if path not in self._asked or not isinstance(belongings, list):
            raise ValueError(NEVER_SAID)
        self._left -= len(belongings)
        if self._left < 0:
            raise ValueError("the reader gave more packages than files may belong to")
        self._found.files[text(path)] = tuple(
            Belonging(text(key), text_or_none(through)) for key, through in belongings
        )

    def _package(self, key: object, name: object, version: object, location: object) -> None:
        if len(self._found.packages) >= _BELONGINGS:
            raise ValueError("the reader gave more packages than files may belong to")
        self._found.packages[text(key)] = Known(text(name), text_or_none(version), text_or_none(location))

    def _gap(self, subject: object, reason: object, detail: object, hides: object = None) -> None:
        self._gaps -= 1
        if self._gaps >= 0:
            self._report(Gap(text(subject), text(reason), text(detail), text_or_none(hides)))


def _parts(files: Mapping[str, bool], packages: Collection[str]) -> Iterator[bytes]:
    """Give the question, in several parts where it is too long for one."""
    paths = list(files)
    for start in range(0, len(paths) or 1, _FILES):
        yield from _packed({path: files[path] for path in paths[start : start + _FILES]}, [] if start else [*packages])


def _packed(files: Mapping[str, bool], packages: Sequence[str]) -> Iterator[bytes]:
    words = zlib.compress(json.dumps([files, packages]).encode(), 1)
    if len(words) <= _WORDS:
        yield words
        return
    if len(files) < 2:
        return  # so many packages, or such a path, that they cannot be asked for
    paths = list(files)
    half = len(paths) // 2
    yield from _packed({path: files[path] for path in paths[:half]}, packages)
    yield from _packed({path: files[path] for path in paths[half:]}, [])
