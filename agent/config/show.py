"""The settings as people read them: an example file, what is in force, and the README's table."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from agent.model.keys import (
    DURATION,
    KEYS,
    LABELS,
    NAMES,
    NOTHING_GIVEN,
    PATTERNS,
    PROXY,
    SECRET,
    SWITCH,
    TREES,
    Key,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from agent.model.settings import Settings

_PLAIN = re.compile(r"[\w/.*+@-]+(:[0-9]+)?")
"""Paths that need no quotes in a list of YAML."""


def example() -> Iterator[str]:
    """Give the lines of a configuration file that holds every setting at its default, as a comment."""
    yield "# stocktake's configuration. Every line that is a comment shows a default."
    group = ""
    for key in KEYS:
        head, _, name = key.name.rpartition(".")
        if head != group:
            yield ""
            if head:
                yield f"#{head}:"
            group = head
        indent = "  " if head else ""
        yield f"{indent}# {key.help} Expected: {key.expected}."
        yield f"#{indent}{name}: {written(key, key.default)}"


def in_force(settings: Settings, sources: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Give name, value and source of each setting; secrets are named, not shown."""
    for key in KEYS:
        value = getattr(settings, key.attribute)
        secret = key.kind in (SECRET, PROXY) and value is not None
        yield key.name, "(set, not shown)" if secret else written(key, value), sources.get(key.name, "default")


def written(key: Key, value: object) -> str:
    """Write a value as it would be given in a file."""
    if value is None:
        return "null"
    if key.kind == SWITCH:
        return "true" if value else "false"
    if key.kind == LABELS:
        return "{" + ", ".join(label.replace("=", ": ", 1) for label in value) + "}"  # type: ignore[attr-defined]
    if key.kind == NAMES:
        return ",".join(value) or "all"  # type: ignore[arg-type]
    if key.kind in (TREES, PATTERNS):
        return _paths(value) if value else NOTHING_GIVEN  # type: ignore[arg-type]
    if key.kind == DURATION:
        return duration(int(str(value)))
    return str(value)


def _paths(paths: tuple[str, ...]) -> str:
    """Write a list; a path that YAML would take for something else stands in quotes, which are those of JSON."""
    return "[" + ", ".join(path if _PLAIN.fullmatch(path) else json.dumps(path) for path in paths) + "]"


def duration(seconds: int, *, exact: bool = True) -> str:
    """Write seconds in the largest unit that gives them exactly, or that they reach when it need not be exact."""
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= length and (seconds % length == 0 or not exact):
            return f"{seconds // length}{unit}"
    return f"{seconds}s"
