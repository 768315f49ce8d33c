"""Programs that no package of the operating system owns, until the end shows which belong to packages of languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.model.records import Gap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agent.inventory.executables import Program

_PROGRAMS = 50_000
_CLAIMS = 100_000


class Unowned:
    """Programs, and what packages of languages claim to own, in any order."""

    def __init__(self) -> None:
        self._programs: list[Program] = []
        self._claims: set[str] = set()
        self._limits: dict[str, Gap] = {}

    def add(self, programs: Iterable[Program]) -> None:
        """Take programs that no package of the operating system owns."""
        for program in programs:
            if len(self._programs) < _PROGRAMS:
                self._programs.append(program)
            else:
                self._limit("executables", f"more than {_PROGRAMS} that no package owns; the rest is not listed", "/")

    def claim(self, claims: tuple[str, ...]) -> None:
        """Take the files of a language's package; a directory that is all its own ends with a slash."""
        if len(self._claims) < _CLAIMS:
            self._claims.update(claims)
        elif claims:
            detail = f"packages of languages claim more than {_CLAIMS} files; programs of some seem to be nobody's"
            self._limit("owners of executables", detail, None)

    def limits(self) -> Iterator[Gap]:
        """Give the gaps of limits that were reached."""
        return iter(self._limits.values())

    def programs(self) -> list[Program]:
        """Give the programs that nobody claims, in the order in which they came."""
        return [program for program in self._programs if not self._is_claimed(program.path)]

    def _is_claimed(self, path: str) -> bool:
        """Look for the file and for every directory above it."""
        while path not in self._claims:
            path = path.rstrip("/").rpartition("/")[0] + "/"
            if path == "/":
                return False
        return True

    def _limit(self, subject: str, detail: str, hides: str | None) -> None:
        self._limits.setdefault(subject, Gap(subject, "limit", detail, hides))
