"""The file os-release(5): assignments in the syntax of a shell, without expansion."""

from __future__ import annotations

import re

_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)")
_PIECE = re.compile(
    r"""'(?P<single>[^']*)'|"(?P<double>(?:[^"\\]|\\.)*)"|(?P<bare>(?:[^\s'"\\;]|\\.)+)""",
)


def parse(content: bytes) -> dict[str, str]:
    """Give the value of every variable; the last assignment counts.

    Comments, empty lines and lines that are no assignment are passed over, as systemd does. Never raises.
    """
    values = {}
    for line in content.decode("utf-8", "surrogateescape").split("\n"):
        match = _ASSIGNMENT.match(line.strip(" \t\r"))
        if match:
            value = _unquote(match[2])
            if value is not None:
                values[match[1]] = value
    return values


def _unquote(text: str) -> str | None:
    """Take away a shell's quotes and backslashes; None where a quote is not closed or more words follow."""
    value = ""
    at = 0
    while at < len(text):
        piece = _PIECE.match(text, at)
        if not piece:
            return None
        value += _plain(piece)
        at = piece.end()
    return value


def _plain(piece: re.Match[str]) -> str:
    single, double, bare = piece.groups()
    if single is not None:
        return str(single)
    if double is not None:
        return re.sub(r'\\([\\"$`])', r"\1", double)
    return re.sub(r"\\(.)", r"\1", bare)
