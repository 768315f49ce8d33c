"""Sorting out the names of one directory: the files that somebody wants, and the directories."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.host.errors import LimitReached

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sized

ANY_EXECUTE = 0o111
"""Bits of a mode by which anybody may execute a file."""
_MOST = 100_000
"""Wanted files, or directories, that one directory may have; they are sorted in memory."""


class Wanted(NamedTuple):
    """What files a walk shows.

    names: Those with one of these names.
    endings: Those whose name in lower case ends with one of these.
    executables: Those that anybody may execute.
    """

    names: frozenset[str]
    endings: tuple[str, ...]
    executables: bool


class Listing(NamedTuple):
    """A directory.

    met: Names that were looked at.
    files: Name, mode and size of the wanted regular files, by name.
    directories: Names of the directories, last first.
    """

    met: int
    files: list[tuple[str, int, int]]
    directories: list[str]


def sort_out(entries: Iterator[os.DirEntry[str]], wanted: Wanted) -> Listing:
    """Look at every name; LimitReached where more is found than may be sorted, OSError as the kernel's.

    This is the one loop that every name of a host goes through: what nobody wants costs a stat for its mode.
    """
    names, endings, executables = wanted
    files = []
    directories = []
    count = 0
    for entry in entries:
        count += 1
        if entry.is_file(follow_symlinks=False):
            name = entry.name
            asked = name in names or (endings and name.lower().endswith(endings))
            if asked or executables:
                try:
                    status = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                if asked or status.st_mode & ANY_EXECUTE:
                    files.append((name, status.st_mode, status.st_size))
                    _require_few(files)
        elif entry.is_dir(follow_symlinks=False):
            directories.append(entry.name)
            _require_few(directories)
    files.sort()
    directories.sort(reverse=True)
    return Listing(count, files, directories)


def _require_few(found: Sized) -> None:
    if len(found) > _MOST:
        raise LimitReached(f"more than {_MOST} directories, or files that may be software")
