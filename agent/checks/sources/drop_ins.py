"""Directories of configuration whose files replace each other by name: /etc over /run over /usr (sysctl.d(5), modprobe.d(5))."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from agent.host.errors import NotAFile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.checks.engine.system import System

_ABOVE = ("/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib")
"""What comes first hides files of the same name in what comes later."""


class Line(NamedTuple):
    """A line with where it stands.

    path: File below the root.
    number: Counted from one.
    text: Without white space around it.
    """

    path: str
    number: int
    text: str

    @property
    def where(self) -> str:
        """path:line"""
        return f"{self.path}:{self.number}"


def effective(system: System, folder: str) -> tuple[str, ...]:
    """Give the files NAME.conf of a directory as sysctl.d that count, in the order in which they are read: by name."""
    chosen: dict[str, str] = {}
    for top in _ABOVE:
        for path in system.root.glob(f"{top}/{folder}/*.conf"):
            chosen.setdefault(path.rpartition("/")[2], path)
    return tuple(chosen[name] for name in sorted(chosen))


def lines(system: System, path: str, comments: str = "#", joined: bool = False) -> Iterator[Line]:
    """Give the lines that say something; a file that is absent, a directory, or a link to /dev/null has none.

    joined: Whether a backslash at the end joins a line with the next one.
    """
    begun, start = "", 0
    for number, raw in enumerate(raw_lines(system, path), 1):
        text = begun + raw.decode("utf-8", "replace").strip()
        start = start or number
        if joined and text.endswith("\\") and text[0] not in comments:
            begun = text[:-1]
            continue
        if text and text[0] not in comments:
            yield Line(path, start, text)
        begun, start = "", 0
    if begun:
        yield Line(path, start, begun)


def raw_lines(system: System, path: str) -> Iterator[bytes]:
    """Give the lines of a file as they are, without their ends; what holds no text for a program has none."""
    try:
        yield from system.root.lines(path)
    except (FileNotFoundError, NotADirectoryError):
        return
    except NotAFile:
        if not _is_empty(system, path):
            raise


def _is_empty(system: System, path: str) -> bool:
    """Tell whether reading gives nothing: a directory, or the device null."""
    status = system.root.stat(path)
    is_null = stat.S_ISCHR(status.st_mode) and status.st_rdev == os.makedev(1, 3)
    return is_null or stat.S_ISDIR(status.st_mode)
