"""Patterns of absolute paths: * stands for any characters of one name, ** for any number of names, none included.

A path that a pattern fits is meant with all that is below it, so that /a/** is /a/*. Nothing else has a meaning of
its own. What is left of the patterns below a directory is worked out once, so that names cost nothing where no
pattern can fit.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase, translate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_KNOWN = 1000
"""Distinct remainders that are kept; a tree seldom has more than a dozen."""

_Parts = tuple[str, ...]
_Rests = frozenset[_Parts]


class Patterns:
    """What is left of some patterns below one directory.

    fits: Tells whether a pattern fits a name in the directory; None where none can.
    """

    def __init__(self, rests: _Rests, known: dict[_Rests, Patterns]) -> None:
        self._rests = rests
        self._known = known
        self.fits = _test(sorted(rest[0] for rest in rests if len(rest) == 1))

    def below(self, name: str) -> Patterns:
        """Give what is left in a directory of the directory."""
        if not self._rests:
            return self
        rests = frozenset(_after(self._rests, name))
        found = self._known.get(rests)
        if found is None:
            if len(self._known) >= _KNOWN:
                self._known.clear()
            found = self._known[rests] = Patterns(rests, self._known)
        return found


def compiled(patterns: Iterable[str]) -> Patterns:
    """Prepare patterns; ValueError for one that is not absolute, names nothing, or has . or .. for a name."""
    return Patterns(frozenset(rest for pattern in patterns for rest in _opened(_parts(pattern))), {})


def _parts(pattern: str) -> _Parts:
    parts = [literal(part) for part in pattern.split("/")[1:] if part]
    while parts[-1:] == ["**"]:
        parts[-1:] = ["*"] if parts[-2:-1] != ["**"] else []
    if not pattern.startswith("/") or not parts or not {".", ".."}.isdisjoint(parts):
        raise ValueError(f"not a pattern of absolute paths: {pattern!r}")
    return tuple(parts)


def literal(part: str) -> str:
    """Write a name with stars so that fnmatch, too, takes nothing but them for special."""
    if set(part) == {"*"}:
        return part[:2]
    return re.sub(r"([?[])", r"[\1]", part) if "*" in part else part


def _opened(rest: _Parts) -> Iterator[_Parts]:
    """Give a remainder, and what it is where its ** stands for no name."""
    yield rest
    while rest[0] == "**":
        rest = rest[1:]
        yield rest


def _after(rests: _Rests, name: str) -> Iterator[_Parts]:
    for rest in rests:
        head = rest[0]
        if head == "**":
            yield from _opened(rest)
        elif len(rest) > 1 and (fnmatchcase(name, head) if "*" in head else name == head):
            yield from _opened(rest[1:])


def _test(parts: list[str]) -> Callable[[str], object] | None:
    stars = [translate(part) for part in parts if "*" in part]
    if stars:
        stars += [f"(?:{re.escape(part)})\\Z" for part in parts if "*" not in part]
        return re.compile("|".join(stars)).match
    return frozenset(parts).__contains__ if parts else None
