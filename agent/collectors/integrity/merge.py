"""The walk and the last snapshot side by side, both in the order of keys: what is new, changed, due, or gone.

Nothing is kept but the line at hand, so that memory does not grow with the number of files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from agent.collectors.integrity.due import Due
    from agent.host.entries import Entry

_TYPE = 0o170000
_REGULAR = 0o100000


class Met(NamedTuple):
    """A path that is to be looked at closer.

    entry: As the walk met it; None where the walk did not meet it.
    stored: Its line in the last snapshot; None where it has none.
    unchanged: Whether stat(2) tells what it told last time.
    due: Whether it is unchanged and its turn to be read again has come.
    """

    entry: Entry | None
    stored: bytes | None
    unchanged: bool
    due: bool = False


def stamp(status: object) -> bytes:
    """Give what must be the same for a path to be taken as unchanged: device, inode, size, mtime and ctime."""
    return b"%d:%d:%d:%d:%d" % (
        status.st_dev,  # type: ignore[attr-defined]
        status.st_ino,  # type: ignore[attr-defined]
        status.st_size,  # type: ignore[attr-defined]
        status.st_mtime_ns,  # type: ignore[attr-defined]
        status.st_ctime_ns,  # type: ignore[attr-defined]
    )


class Merge:
    """One scan's merge.

    paths: Paths that the walk met so far.
    """

    def __init__(self, due: Due, *, all_again: bool) -> None:
        """all_again: Whether every regular file is given, as when the packages have changed and verdicts are looked at again."""
        self.paths = 0
        self._due = due
        self._all = all_again

    def met(
        self, entries: Iterable[Entry], stored: Iterator[bytes], unseen: Callable[[], tuple[bytes, ...]]
    ) -> Iterator[Met]:
        """Give the paths that are to be looked at closer; an entry's directory is open until the next is asked for.

        This is the loop that every path goes through.
        unseen: Gives the starts of keys of which the walk said that it did not see what is there.
        """
        start, length, period = self._due
        everything = self._all
        old = next(stored, None)
        count = 0
        for entry in entries:
            count += 1
            key, _, _, _, status, _ = entry
            while old is not None and old < key:
                if not old.startswith(unseen()):
                    yield Met(None, old, False)
                old = next(stored, None)
            if old is None or not old.startswith(key):
                self.paths = count
                yield Met(entry, None, False)
                continue
            line, old = old, next(stored, None)
            if line.endswith(
                b'"%d:%d:%d:%d:%d"}\n'
                % (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
            ):
                if status.st_mode & _TYPE == _REGULAR:
                    is_due = (crc32(key) - start) % period < length
                    if is_due or everything:
                        self.paths = count
                        yield Met(entry, line, True, is_due)
            else:
                self.paths = count
                yield Met(entry, line, False)
        self.paths = count
        while old is not None:
            if not old.startswith(unseen()):
                yield Met(None, old, False)
            old = next(stored, None)
