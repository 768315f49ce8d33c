"""What sudoers(5) says, line by line: settings, what is included, and tags of rules; who may run what is not kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, Union

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_INCLUDE = re.compile(r"[#@](include|includedir)\s+(.+)")
_DEFAULTS = re.compile(
    r"Defaults(?:([:@>!])\s*((?:\"[^\"]*\"|[^\s,\"\\]|\\.)+(?:\s*,\s*(?:\"[^\"]*\"|[^\s,\"\\]|\\.)+)*))?\s+(.*)"
)
_PARAMETER = re.compile(r"(!*)\s*(\w+)\s*(?:[+-]?=\s*(\"(?:\\.|[^\"\\])*\"|(?:\\.|[^,\s\\])*))?\s*(?:,|$)")
_ALIAS = re.compile(r"(User|Runas|Host|Cmnd|Cmd)_Alias\s")
_TAG = re.compile(r"(?<![\w\\./])([A-Z]+)\s*:(?!:)")
_TAGS = frozenset(f"{no}{tag}" for tag in ("PASSWD", "EXEC", "SETENV", "LOG_INPUT", "MAIL") for no in ("", "NO"))


class Include(NamedTuple):
    """A file that is read in place, or a directory of files.

    directory: Whether it is one.
    """

    number: int
    path: str
    directory: bool


class Setting(NamedTuple):
    """A parameter of a Defaults line.

    scope: Whom it is for (:user, @host, >runas, !command), empty for all.
    value: Empty for a flag; a path, a number or a text otherwise.
    on: False where an exclamation mark turns it off.
    """

    number: int
    scope: str
    name: str
    value: str
    on: bool


class Tags(NamedTuple):
    """The tags of a rule, as NOPASSWD."""

    number: int
    tags: tuple[str, ...]


Statement = Union[Include, Setting, Tags]


def statements(lines: Iterable[bytes]) -> Iterator[Statement]:
    """Give what the lines say, joined where one ends with a backslash; what is nothing of these is passed over."""
    for number, text in _joined(lines):
        include = _INCLUDE.fullmatch(text)
        if include:
            yield Include(number, _path(include[2]), include[1] == "includedir")
            continue
        said = _without_comment(text)
        defaults = _DEFAULTS.fullmatch(said)
        if defaults:
            scope = f"{defaults[1]}{defaults[2]}" if defaults[1] else ""
            for signs, name, value in _PARAMETER.findall(defaults[3]):
                yield Setting(number, scope, name, _unquoted(value), len(signs) % 2 == 0)
        elif "=" in said and not _ALIAS.match(said):
            yield Tags(number, tuple(tag for tag in _TAG.findall(said) if tag in _TAGS))


def _joined(lines: Iterable[bytes]) -> Iterator[tuple[int, str]]:
    begun, start = "", 0
    for number, line in enumerate(lines, 1):
        text = begun + line.decode("utf-8", "replace").rstrip("\r\n")
        start = start or number
        if text.endswith("\\"):
            begun = text[:-1]
            continue
        if text.strip():
            yield start, text.strip()
        begun, start = "", 0
    if begun.strip():
        yield start, begun.strip()


def _without_comment(text: str) -> str:
    """Cut a comment; a # within quotes, behind a backslash, or before digits (an id) starts none."""
    quoted = False
    for place, sign in enumerate(text):
        if sign == '"' and text[place - 1 : place] != "\\":
            quoted = not quoted
        elif sign == "#" and not quoted and text[place - 1 : place] != "\\" and not _is_id(text, place):
            return text[:place].strip()
    return text


def _is_id(text: str, place: int) -> bool:
    return text[place + 1 : place + 2].isdigit() and (place == 0 or text[place - 1] in " \t,!%(:=")


def _path(text: str) -> str:
    text = text.strip()
    return text[1:].partition('"')[0] if text.startswith('"') else re.sub(r"\\(.)", r"\1", text)


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1] if value.startswith('"') else value)
