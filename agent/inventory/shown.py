"""Which parsers are shown a file that the walk met."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from agent.host.listing import Wanted
from agent.inventory import languages
from agent.model.records import Gap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agent.host.found import Found
    from agent.inventory.languages import Finding, Parser

MOST = 10_000
"""Packages that one file may tell of; the largest programs have some 2,000."""


class Parsers:
    """The parsers of the languages that are asked for.

    wanted: The files that any of them wants to see.
    """

    def __init__(self, parsers: Sequence[Parser], executables: bool) -> None:
        """Sort them by what they want; executables are wanted besides where those that nobody owns are asked for."""
        self._parsers = parsers
        self._of_forms = [parser for parser in parsers if parser.FORMS]
        self.wanted = Wanted(
            frozenset().union(*(parser.NAMES for parser in parsers)),
            tuple(ending for parser in parsers for ending in parser.ENDINGS),
            executables or bool(self._of_forms),
        )

    @classmethod
    def named(cls, names: Sequence[str], executables: bool) -> Parsers:
        """Load the parsers of languages."""
        return cls([languages.load(name) for name in names], executables)

    def packages(self, found: Found, form: str) -> Iterator[Finding | Gap]:
        """Give what those parsers make of a file that want it.

        form: What it is, where it is executable, otherwise empty.
        """
        name = found.name
        lower = name.lower()
        for parser in self._parsers:
            if name in parser.NAMES or lower.endswith(parser.ENDINGS) or form in parser.FORMS:
                yield from _bounded(parser, found)


def _bounded(parser: Parser, found: Found) -> Iterator[Finding | Gap]:
    """Let no file, be it made for that, take the memory of a whole walk."""
    try:
        outcomes = iter(parser.packages(found))
        yield from islice(outcomes, MOST)
        if next(outcomes, None) is not None:
            yield Gap(
                found.path, "limit", f"it tells of more than {MOST} packages; the rest was not looked at", found.path
            )
    except (MemoryError, RecursionError):
        yield Gap(found.path, "limit", "it takes more memory to read than a section may use", found.path)
