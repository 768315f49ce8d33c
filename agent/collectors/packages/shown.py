"""Which parsers are shown a file that the walk met."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.collectors.packages import languages
from agent.host.listing import Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agent.collectors.packages.languages import Finding, Parser
    from agent.host.found import Found
    from agent.model.records import Gap


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
                yield from parser.packages(found)
