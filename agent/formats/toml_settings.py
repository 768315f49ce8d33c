"""Settings of TOML files as containerd and CRI-O read them: tables of texts, numbers, truths and lists of texts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

_TABLE = re.compile(r"\[+\s*(.+?)\s*\]+")
_PAIR = re.compile(r"""("[^"]*"|'[^']*'|[\w.-]+)\s*=\s*(.*)""")
_PART = re.compile(r""""[^"]*"|'[^']*'|[^."']+""")
_ITEM = re.compile(r""""((?:\\.|[^"\\])*)"|'([^']*)'|([^\s,\[\]]+)""")


_LONGEST = 64 * 1024
"""Characters of a list that is written over several lines."""


class Setting(NamedTuple):
    """A value: a scalar as it is written, without quotes; of a list its scalars. number: Line, counted from one."""

    value: str | tuple[str, ...]
    number: int


def settings(lines: Iterable[bytes]) -> dict[str, Setting]:
    """Give the settings by their path, the parts of which are joined by slashes, as grpc/address."""
    found: dict[str, Setting] = {}
    table, begun, start = "", "", 0
    for number, line in enumerate(lines, 1):
        text = begun + _without_comment(line.decode("utf-8", "replace")).strip()
        start = start if begun else number
        if _is_open(text) and len(text) < _LONGEST:
            begun = f"{text} "
            continue
        begun = ""
        heading, pair = _TABLE.fullmatch(text), _PAIR.fullmatch(text)
        if pair:
            found["/".join(filter(None, (table, _path(pair[1]))))] = Setting(_value(pair[2].strip()), start)
        elif heading:
            table = _path(heading[1])
    return found


def _is_open(text: str) -> bool:
    """Tell whether a list goes on in the next line."""
    pair = _PAIR.fullmatch(text)
    return pair is not None and pair[2].startswith("[") and not pair[2].rstrip().endswith("]")


def _path(text: str) -> str:
    return "/".join(part.strip().strip("\"'") for part in _PART.findall(text) if part.strip())


def _value(text: str) -> str | tuple[str, ...]:
    items = tuple(one or other or bare for one, other, bare in _ITEM.findall(text))
    if text.startswith("["):
        return items
    return items[0] if items else ""


def _without_comment(line: str) -> str:
    quote = ""
    for place, sign in enumerate(line):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign == "#":
            return line[:place]
    return line
