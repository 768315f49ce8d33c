"""Chains of pages in a database file: each page names the next, which mostly is the one behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

from agent.formats.rpmdb import Damaged

if TYPE_CHECKING:
    from collections.abc import Iterator

Pages = Callable[[int, int], bytes]
"""Reads consecutive pages: from one of a number (first) at most so many (second), fewer where they are not in one piece."""

_AHEAD = 16
"""Most pages that are read at once."""


def chain(pages: Pages, size: int, number: int, next_of: Callable[[bytes, int], int]) -> Iterator[tuple[bytes, int]]:
    """Give the pages of a chain from one of a number: bytes, and the place in them where the page begins.

    As long as each page is followed by its successor twice as many are read at once. There may be no end:
    who reads counts what there is to be read.

    size: Bytes of a page.
    next_of: Gives the number of the page behind the one at a place in bytes, 0 at the end.
    Damaged where a page is not in the file.
    """
    ahead = 1
    while number:
        run = pages(number, ahead)
        if len(run) < size:
            raise Damaged("a chain of pages leads out of the database")
        for place in range(0, len(run) - size + 1, size):
            yield run, place
            number += 1
            following = next_of(run, place)
            if following != number:
                ahead = 0
                break
        number = following
        ahead = min(ahead * 2, _AHEAD) or 1
