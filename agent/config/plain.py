"""What a node of YAML says, as plain values, and whether such a value is one of the kind that is wanted."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from agent.checks.engine.check import Value

_NESTED = 20


def plain(node: yaml.Node, depth: int = 0) -> Any:
    """Give texts, numbers, switches, lists and mappings; a date is text, and what is nested too deep is None."""
    if depth > _NESTED:
        return None
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): plain(value, depth + 1) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [plain(each, depth + 1) for each in node.value]
    if node.tag.endswith(":int") and re.fullmatch(r"-?[0-9]{1,12}", node.value):
        return int(node.value)
    if node.tag.endswith(":bool"):
        return node.value.lower() in ("true", "yes", "on")
    return str(node.value)


def like(default: Value, given: Any) -> Value | None:
    """Give a value of the kind of a default; None where it is of another."""
    if isinstance(default, bool):
        return given if isinstance(given, bool) else None
    if isinstance(default, int):
        return given if isinstance(given, int) and not isinstance(given, bool) else None
    texts = given if isinstance(given, list) else [given]
    if not texts or not all(isinstance(text, (str, int)) and not isinstance(text, bool) for text in texts):
        return None
    if isinstance(default, tuple) or len(texts) > 1:
        return tuple(str(text) for text in texts)
    return str(texts[0])


def kind(default: Value) -> str:
    """Say of which kind a value is to be."""
    if isinstance(default, bool):
        return "true or false"
    return "a number" if isinstance(default, int) else "a text, or a list of texts"


def is_date(text: str) -> bool:
    """Tell whether a text is a date, as 2030-12-31."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
