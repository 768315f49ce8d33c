"""Statements of rsyslog.conf(5) in both of its languages: $Directives with selectors, and objects with parameters."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_OBJECT = re.compile(r"\b(module|input|global|include|action)\s*\(", re.IGNORECASE)
_PARAMETER = re.compile(r"""([\w.]+)\s*=\s*(?:"((?:\\.|[^"\\])*)"|'([^']*)'|([^\s,)"']+))""")
_DIRECTIVE = re.compile(r"^[ \t]*\$(\w+)[ \t]+(.*?)[ \t\r]*$", re.MULTILINE)
_SELECTOR = re.compile(r"^[ \t]*(?:[*\w,;!=]+\.[*\w,;.!=]+|:[^\n]*?\"|&)[ \t]+(\S[^\n]*?)[ \t\r]*$", re.MULTILINE)
_FILE = re.compile(r"-?(/[^\s;]+)")
_SKIPPED = re.compile(
    r""""(?:\\.|[^"\\\n])*"|'[^'\n]*'|(?:(?<=^)|(?<=[\s)({}]))/\*[^*]*(?:\*(?!/)[^*]*)*(?:\*/|\Z)|(?:(?<=^)|(?<=[\s)({}]))\#[^\n]*""",
    re.DOTALL | re.MULTILINE,
)


_LONGEST = 16 * 1024
"""Characters of an object that are looked at."""


class Statement(NamedTuple):
    """A statement.

    number: Line that it begins in, counted from one.
    kind: Of objects their name; directive for a $Directive; selector for what a selector leads to.
    name: Name of a directive in lower case, empty otherwise.
    value: Value of a directive, or where a selector leads.
    parameters: Of an object, by name in lower case.
    """

    number: int
    kind: str
    name: str
    value: str
    parameters: Mapping[str, str]


def statements(content: bytes) -> list[Statement]:
    """Give the statements in their order; comments and what is none of them are passed over."""
    text = _SKIPPED.sub(_kept, content.decode("utf-8", "replace"))
    ends = [place for place, sign in enumerate(text) if sign == "\n"]
    placed = [(each.start(), "directive", each[1].lower(), each[2]) for each in _DIRECTIVE.finditer(text)]
    placed += [(each.start(), "selector", "", each[1]) for each in _SELECTOR.finditer(text)]
    found = [(start, Statement(_line(ends, start), kind, name, value, {})) for start, kind, name, value in placed]
    found += [(each.start(), _object(text, _line(ends, each.start()), each)) for each in _OBJECT.finditer(text)]
    return [statement for _, statement in sorted(found, key=lambda each: each[0])]


def file_of(statement: Statement) -> str | None:
    """Give the file that a selector or an action writes to, one whose name does not depend on the message."""
    if statement.kind == "action":
        path = statement.parameters.get("file", "")
        return path if path.startswith("/") else None
    match = _FILE.match(statement.value) if statement.kind == "selector" else None
    return match[1] if match else None


def _kept(match: re.Match[str]) -> str:
    """Keep texts in quotes, and of comments the ends of lines, so that lines can be counted."""
    return match[0] if match[0][0] in "\"'" else "\n" * match[0].count("\n")


def _line(ends: list[int], place: int) -> int:
    return bisect_left(ends, place) + 1


def _object(text: str, number: int, match: re.Match[str]) -> Statement:
    return Statement(number, match[1].lower(), "", "", dict(_parameters(text, match.end())))


def _parameters(text: str, start: int) -> Iterator[tuple[str, str]]:
    """Give the parameters up to the parenthesis that closes the object."""
    place, end = start, min(len(text), start + _LONGEST)
    while place < end and text[place] != ")":
        match = _PARAMETER.match(text, place)
        if match:
            yield match[1].lower(), match[2] or match[3] or match[4] or ""
        place = match.end() if match else place + 1
