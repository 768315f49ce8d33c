"""Settings of YAML files as programs of Kubernetes read them: nested mappings of scalars and lists of scalars, or JSON.

Anchors, tags, texts of several lines and mappings in lists are passed over: none of the settings has them.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple, Union

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LINE = re.compile(r"""( *)(- +)?(?:("[^"]*"|'[^']*'|[^\s:#"'\[{-][^:#]*?)\s*:(?:\s+(.*))?|(.*))""")
_LIMIT = 64
"""Levels of nesting that are followed."""


class Setting(NamedTuple):
    """A value.

    value: A scalar as it is written, without quotes; of a list its scalars.
    number: Line that it stands in, counted from one; 1 in JSON.
    """

    value: str | tuple[str, ...]
    number: int


Value = Union[str, "tuple[str, ...]"]


def settings(content: bytes) -> dict[str, Setting]:
    """Give the settings by their path, as authentication.anonymous.enabled; of several documents those of the first."""
    text = content.decode("utf-8", "replace")
    if text.lstrip().startswith("{"):
        try:
            return dict(_flat(json.loads(text), ""))
        except (ValueError, RecursionError):
            return {}
    return _of_lines(text.split("\n"))


def _of_lines(lines: Iterable[str]) -> dict[str, Setting]:
    found: dict[str, Setting] = {}
    above: list[tuple[int, str]] = []
    block: int | None = None
    for number, line in enumerate(lines, 1):
        text = _without_comment(line)
        if text.startswith("---") and found:
            break
        match = _LINE.fullmatch(text)
        if not text.strip() or match is None or text.startswith(("---", "...", "%")):
            continue
        spaces, item, key, value, alone = match.groups()
        if block is not None and len(spaces) > block:
            continue
        block = len(spaces) if value and value[0] in "|>" else None
        indent = len(spaces) + (1 if item and key is None else 0)
        while above and above[-1][0] >= indent:
            above.pop()
        path = above[-1][1] if above else ""
        if key is not None and not item:
            path = f"{path}.{_plain(key)}" if path else _plain(key)
            if value is None or value == "":
                if len(above) < _LIMIT:
                    above.append((indent, path))
            else:
                found.update(_written(path, value.strip(), number))
        elif item and key is None and path and alone:
            before = found.get(path)
            items = before.value if before and isinstance(before.value, tuple) else ()
            found[path] = Setting((*items, _plain(alone.strip())), before.number if before else number)
    return found


def _written(path: str, value: str, number: int) -> Iterator[tuple[str, Setting]]:
    if value.startswith("["):
        parts = (part.strip() for part in value.strip("[] ").split(","))
        yield path, Setting(tuple(_plain(part) for part in parts if part), number)
    elif value.startswith("{"):
        for part in value.strip("{} ").split(","):
            key, sign, inner = part.partition(":")
            if sign and inner.strip():
                yield f"{path}.{_plain(key.strip())}", Setting(_plain(inner.strip()), number)
    elif value[0] not in "|>&*!":
        yield path, Setting(_plain(value), number)


def _flat(found: object, path: str, depth: int = 0) -> Iterator[tuple[str, Setting]]:
    if isinstance(found, dict) and depth < _LIMIT:
        for key, value in found.items():
            yield from _flat(value, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(found, list):
        yield path, Setting(tuple(_scalar(each) for each in found if not isinstance(each, (dict, list))), 1)
    elif found is not None:
        yield path, Setting(_scalar(found), 1)


def _scalar(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _plain(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def _without_comment(line: str) -> str:
    quote = ""
    for place, sign in enumerate(line):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign == "#" and (place == 0 or line[place - 1] in " \t"):
            return line[:place].rstrip()
    return line.rstrip()
