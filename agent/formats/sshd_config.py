"""Lines of sshd_config(5) as sshd takes them apart (servconf.c, and strdelim and argv_split in misc.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_BLANK = " \t\r\n\f"
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


class Directive(NamedTuple):
    """A line that says something.

    number: Of the line, counted from one.
    keyword: In lower case, for case makes no difference.
    arguments: Without quotes; a comment behind them is none of them.
    """

    number: int
    keyword: str
    arguments: tuple[str, ...]


def directives(lines: Iterable[bytes]) -> Iterator[Directive]:
    """Give the directives; what sshd would refuse, a line without an argument or with an open quote, is passed over."""
    for number, line in enumerate(lines, 1):
        text = line.decode("utf-8", "replace").strip(_BLANK)
        if text and not text.startswith("#"):
            keyword, rest = _keyword(text)
            arguments = tuple(_arguments(rest))
            if arguments:
                yield Directive(number, keyword.lower(), arguments)


def seconds(value: str) -> int | None:
    """Read a time as 90, 1m30s or 2h; None where it is none."""
    total, digits = 0, ""
    for sign in value.lower():
        if sign.isdigit():
            digits += sign
        elif sign in _UNITS and digits:
            total, digits = total + int(digits) * _UNITS[sign], ""
        else:
            return None
    return total + int(digits or 0) if value else None


def _keyword(text: str) -> tuple[str, str]:
    """Part the keyword from the rest: by white space, by one equals sign, or by both."""
    if text.startswith('"'):
        keyword, _, rest = text[1:].partition('"')
    else:
        end = next((place for place, sign in enumerate(text) if sign in _BLANK or sign == "="), len(text))
        keyword, rest = text[:end], text[end:]
    rest = rest.lstrip(_BLANK)
    return keyword, rest[1:].lstrip(_BLANK) if rest.startswith("=") else rest


def _arguments(rest: str) -> list[str]:
    found: list[str] = []
    place = 0
    while place < len(rest):
        if rest[place] in _BLANK:
            place += 1
        elif rest[place] == "#":
            break
        else:
            word, place = _word(rest, place)
            if word is None:
                return []
            found.append(word)
    return found


def _word(rest: str, place: int) -> tuple[str | None, int]:
    """Take one word; None where a quote stays open."""
    word, quote = "", ""
    while place < len(rest):
        sign, after = rest[place], rest[place + 1 : place + 2]
        if sign == "\\" and after and (after in "'\"\\" or (after == " " and not quote)):
            word += after
            place += 1
        elif quote and sign == quote:
            quote = ""
        elif not quote and sign in "'\"":
            quote = sign
        elif not quote and sign in _BLANK:
            break
        else:
            word += sign
        place += 1
    return (None if quote else word), place
