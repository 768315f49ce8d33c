"""Values in JSON of which nothing is certain: what is not there, or is of another type, is None or empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.formats import json_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LONGEST = 4096
"""Characters of a text; a longer one is nobody's name."""


def document(content: bytes) -> Mapping[str, object]:
    """Read an object; ValueError when the JSON is malformed, beyond its bounds, or something else."""
    value = json_text.read(content)
    if not isinstance(value, dict):
        raise ValueError("the JSON is no object")
    return value


def at(value: object, *names: str) -> object:
    """Give what lies at the end of a path of names."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def text(value: object, *names: str) -> str | None:
    """Give a text, None for an empty one."""
    found = at(value, *names)
    return found if isinstance(found, str) and 0 < len(found) <= _LONGEST else None


def flag(value: object, *names: str) -> bool | None:
    """Give a truth value."""
    found = at(value, *names)
    return found if isinstance(found, bool) else None


def texts(value: object, *names: str) -> tuple[str, ...]:
    """Give the texts of a list."""
    return tuple(entry for entry in entries(value, *names) if isinstance(entry, str) and len(entry) <= _LONGEST)


def entries(value: object, *names: str) -> Sequence[object]:
    """Give a list."""
    found = at(value, *names)
    return found if isinstance(found, list) else ()


def fields(value: object, *names: str) -> Mapping[str, object]:
    """Give an object."""
    found = at(value, *names)
    return found if isinstance(found, dict) else {}
