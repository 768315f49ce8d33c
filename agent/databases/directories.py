"""Directories that one package alone lists: only of those can it be said whose they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.databases import Shipped

if TYPE_CHECKING:
    from collections.abc import Iterator

_MANY = 100_000
"""Directories that are kept apart; those beyond are nobody's."""


class Directories:
    """Takes the directories of all packages, of which most list those above their files."""

    def __init__(self) -> None:
        self._owners: dict[int, tuple[str, str] | None] = {}

    def add(self, path: str, owner: str) -> None:
        """Take a directory of a package, without a slash at its end."""
        mark = hash(path)
        if mark not in self._owners:
            if len(self._owners) < _MANY:
                self._owners[mark] = path, owner
        elif self._owners[mark] != (path, owner):
            self._owners[mark] = None

    def shipped(self) -> Iterator[Shipped]:
        """Give those that one package alone lists."""
        return (Shipped(*only, None, False) for only in self._owners.values() if only)
