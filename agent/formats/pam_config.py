"""Lines of files in pam.d (pam.d(5)) as libpam assembles them, with the @include of Debian."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_WORD = re.compile(r"\[((?:\\\]|[^\]])*)\]|(\S+)")
KINDS = ("auth", "account", "password", "session")


class Line(NamedTuple):
    """A line of a stack.

    number: Of the line, counted from one.
    kind: auth, account, password or session; empty for @include, which is for all of them.
    control: required, include ... in lower case, or what stands between the brackets with a bracket before it.
    module: As written; of include, substack and @include the name of the service.
    arguments: Each as it is given to the module.
    """

    number: int
    kind: str
    control: str
    module: str
    arguments: tuple[str, ...]


def lines(content: Iterable[bytes]) -> Iterator[Line]:
    """Give the lines; what libpam takes for none is passed over."""
    for number, text in _assembled(content):
        words = [match[2] or f"[{match[1]}" for match in _WORD.finditer(text)]
        if words[0] == "@include" and len(words) > 1:
            yield Line(number, "", "include", words[1], ())
        elif len(words) > 2 and words[0].lower().lstrip("-") in KINDS:
            kind, control, module, *arguments = words
            control = control if control.startswith("[") else control.lower()
            plain = tuple(each.removeprefix("[").replace("\\]", "]") for each in arguments)
            yield Line(number, kind.lower().lstrip("-"), control, module, plain)


def _assembled(content: Iterable[bytes]) -> Iterator[tuple[int, str]]:
    """Join lines that end with a backslash; a # starts a comment wherever it stands."""
    begun, start = "", 0
    for number, line in enumerate(content, 1):
        text = line.decode("utf-8", "replace").partition("#")[0].strip()
        start = start or number
        if text.endswith("\\"):
            begun += f"{text[:-1]} "
            continue
        if (begun + text).strip():
            yield start, (begun + text).strip()
        begun, start = "", 0
    if begun.strip():
        yield start, begun.strip()
