"""The names of a directory in the order in which the keys of their paths sort, as bytes of canonical JSON.

A name's turn is its escaped form and the quote that ends its key; that of all that is below a directory is its escaped
form and a slash. So a-b comes between the directory a and what is in a, and what starts with a space or ! comes
before the quote that ends a key. No turn starts another one.
"""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING

from agent.host.errors import LimitReached
from agent.model.codec import dumps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

HELD = 16 * 1024 * 1024
"""Bytes of names that are held in memory at once, of all open directories: 200,000 usual ones."""
_STRING = 60
"""Bytes of a string beside its characters, and of a place in a list."""
_ODD = 300
"""The same for a turn and the name that belongs to it."""
_AT_ONCE = 1000
SELF = "."
"""Name by which a directory is listed in itself: the root alone is."""


class Names:
    """The names of one directory whose turn has not come.

    turns: Those of names, last first.
    waiting: Those of directories that are to be entered when all before is done, last first.
    unlike: Names by their escaped forms where they are not the same.
    size: Bytes of memory for all of them, about.
    """

    def __init__(self) -> None:
        self.turns: list[str] = []
        self.waiting: list[str] = []
        self.unlike: dict[str, str] = {}
        self.size = 0

    def add(self, names: list[str]) -> None:
        """Add names; sort() is called when all are there."""
        joined = "".join(names)
        if joined.isascii() and joined.isprintable() and '"' not in joined and "\\" not in joined:
            self.size += len(joined) + _STRING * len(names)
            self.turns += [name + '"' for name in names]
            return
        self.size += 2 * len(joined) + _ODD * len(names)
        self.turns += [self._escaped(name) + '"' for name in names]

    def add_leading(self, names: list[str]) -> None:
        """Add directories that only lead further down; sort() is called when all are there."""
        self.waiting += [self._escaped(name) + "/" for name in names]

    def add_self(self) -> None:
        """Add the directory that the names are in."""
        self.unlike[""] = SELF
        self.turns.append('"')

    def sort(self) -> None:
        """Put the turns in order."""
        self.turns.sort(reverse=True)
        self.waiting.sort(reverse=True)

    def next_waiting(self) -> str | None:
        """Give the directory that is to be entered next, and forget it."""
        return self._name(self.waiting.pop()) if self.waiting else None

    def drop(self) -> list[str]:
        """Forget all and give the names, those of directories that wait with a slash behind."""
        names = [self._name(turn) for turn in reversed(self.turns)]
        names += [f"{self._name(turn)}/" for turn in reversed(self.waiting)]
        self.turns.clear()
        self.waiting.clear()
        return names

    def _escaped(self, name: str) -> str:
        form = dumps(name)[1:-1].decode()
        if form != name:
            self.unlike[form] = name
        return form

    def _name(self, turn: str) -> str:
        return self.unlike.get(turn[:-1], turn[:-1])


def take(fd: int, names: Names, above: Iterable[Names], excluded: Callable[[str], object] | None) -> int:
    """List a directory and give how many names it has; LimitReached where they are too many, OSError as the kernel's.

    above: What is held of the directories above it.
    excluded: Tells the names that are left out; None for none.
    """
    left = HELD - sum(open_one.size for open_one in above)
    met = 0
    with os.scandir(fd) as entries:
        for some in _portions(entries):
            met += len(some)
            names.add([name for name in some if not excluded(name)] if excluded else some)
            if names.size > left:
                names.drop()
                raise LimitReached("more names are to be sorted than are held in memory at once")
    return met


def _portions(entries: Iterable[os.DirEntry[str]]) -> Iterator[list[str]]:
    names = [entry.name for entry in islice(entries, _AT_ONCE)]
    while names:
        yield names
        names = [entry.name for entry in islice(entries, _AT_ONCE)]
