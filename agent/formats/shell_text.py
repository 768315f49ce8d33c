"""Plain commands of shell start-up files, found without running them: words, split where a shell would begin a command."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PARTS = re.compile(r"""((?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^;&|'"\\])+)""")
_COMMENT = re.compile(r"""^((?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|\$\#|\$\{\#|\S\#|[^'"\\#])*)(?:\#.*)?$""")
_OPENERS = frozenset(("then", "else", "elif", "do", "if", "while", "until", "{", "(", "!", "command", "builtin"))
_DECLARING = frozenset(("declare", "typeset", "local"))
_SYMBOLIC = re.compile(r"([ugoa]*)([=+-])([rwx]*)")
_BITS = {"r": 4, "w": 2, "x": 1}

_LONGEST = 8192
"""Characters of a line that are looked at."""


class Command(NamedTuple):
    """A command.

    number: Line that it ends in, counted from one.
    words: Its words without quotes, what opens a block before it left out.
    """

    number: int
    words: tuple[str, ...]


class Variable(NamedTuple):
    """What commands say of one variable.

    values: What it is set to, with the line of each.
    readonly, exported: Whether some command makes it so.
    """

    values: tuple[tuple[str, int], ...]
    readonly: bool
    exported: bool


def commands(lines: Iterable[bytes]) -> Iterator[Command]:
    """Give the commands; what cannot be split, as an open quote, is passed over."""
    begun = ""
    for number, line in enumerate(lines, 1):
        text = begun + line.decode("utf-8", "replace").strip()
        if text.endswith("\\"):
            begun = text[:-1]
            continue
        begun = ""
        bare = _COMMENT.match(text[:_LONGEST])
        for part in _PARTS.findall(bare[1] if bare else text[:_LONGEST]):
            words = _words(part)
            if words:
                yield Command(number, words)


def variable(found: Iterable[Command], name: str) -> Variable:
    """Give what commands say of a variable, as NAME=VALUE, readonly NAME, export NAME or declare -rx NAME=VALUE."""
    values: list[tuple[str, int]] = []
    readonly = exported = False
    for command in found:
        told = [word for word in command.words if word == name or word.startswith(f"{name}=")]
        if not told or (command.words[0] not in _DECLARATIONS and not command.words[0].startswith(f"{name}=")):
            continue
        values += [(word.partition("=")[2], command.number) for word in told if "=" in word]
        flags = "".join(word for word in command.words if word.startswith("-"))
        declared = not _DECLARING.isdisjoint(command.words)
        readonly |= "readonly" in command.words or (declared and "r" in flags)
        exported |= "export" in command.words or (declared and "x" in flags)
    return Variable(tuple(values), readonly, exported)


def umasks(found: Iterable[Command]) -> Iterator[tuple[str, int, int | None]]:
    """Give the masks that commands set: as written, the line, and as a number; None where it is not known."""
    for command in found:
        words = [word for word in command.words[1:] if not word.startswith("-")]
        if command.words[0] == "umask" and words:
            yield words[0], command.number, mask(words[0])


def mask(text: str) -> int | None:
    """Read a mask: octal digits, or what is allowed as u=rwx,g=rx,o=; None where it is neither."""
    if re.fullmatch("[0-7]{1,4}", text):
        return int(text, 8)
    refused = 0o777
    for clause in text.split(","):
        match = _SYMBOLIC.fullmatch(clause)
        if not match or match[2] != "=":
            return None
        bits = sum({_BITS[sign] for sign in match[3]})
        for who in "ugo" if not match[1] or "a" in match[1] else match[1]:
            shift = {"u": 6, "g": 3, "o": 0}[who]
            refused = refused & ~(7 << shift) | ((7 ^ bits) << shift)
    return refused


_DECLARATIONS = _DECLARING | {"export", "readonly"}


def _words(part: str) -> tuple[str, ...]:
    try:
        words = shlex.split(part)
    except ValueError:
        return ()
    while words and (words[0] in _OPENERS or words[0].startswith("(")):
        words = [words[0].lstrip("("), *words[1:]] if words[0].strip("(") and words[0].startswith("(") else words[1:]
    return tuple(word.rstrip(")") if word.endswith(")") and "(" not in word else word for word in words)
