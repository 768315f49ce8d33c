"""Variables that files of shell assign, such as /etc/default/grub: read, never run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.checks.sources import drop_ins

if TYPE_CHECKING:
    from agent.checks.engine.system import System

_ASSIGNMENT = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)(\+?)=(.*)", re.DOTALL)
_PIECE = re.compile(
    r"""'(?P<single>[^']*)'|"(?P<double>(?:[^"\\]|\\.)*)"|(?P<bare>(?:[^\s'"\\;#&|]|\\.)+)""", re.DOTALL
)
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


def assigned(system: System, files: tuple[str, ...]) -> dict[str, str]:
    """Give the value of every variable after several files, each read after the one before; unknown variables are empty."""
    values: dict[str, str] = {}
    for path in files:
        for line in drop_ins.lines(system, path, joined=True):
            match = _ASSIGNMENT.match(line.text)
            if match:
                before = values.get(match[1], "") if match[2] else ""
                values[match[1]] = before + _value(match[3], values)
    return values


def _value(text: str, known: dict[str, str]) -> str:
    """Give the first word, without its quotes and with variables put in where a shell puts them in."""
    value, at = "", 0
    while piece := _PIECE.match(text, at):
        single, double, bare = piece.groups()
        value += (
            single
            if single is not None
            else _VARIABLE.sub(lambda name: known.get(name[1] or name[2], ""), double or bare)
        )
        at = piece.end()
    return value
