"""Single fields of meta/snap.yaml, a snap's description of itself, without reading all of YAML."""

from __future__ import annotations

import re

_FIELD = re.compile(r"^(version|license):[ \t]+(\S[^\r\n]*)(?=\r?\n|\Z)(?!(?:\r?\n)+[ \t]+[^\s#])", re.MULTILINE)
"""A line that does not go on with an indented one."""
_PLAIN = re.compile(r"(?![\[\]{},&*!|>%@`#'\"])(?![-?:](?:\s|$))(.+?)(?:[ \t]+#.*|[ \t]*)$")
_SINGLE = re.compile(r"'((?:[^']|'')*)'[ \t]*(?:[ \t]#.*)?$")
_DOUBLE = re.compile(r'"([^"\\]*)"[ \t]*(?:[ \t]#.*)?$')


def fields(content: bytes) -> dict[str, str]:
    """Give version and license where they are written on one line; other notations of YAML are passed over. Never raises."""
    text = content.decode("utf-8", "replace")
    found: dict[str, str] = {}
    for name, written in _FIELD.findall(text):
        value = _scalar(written)
        if value and value.isprintable():
            found.setdefault(name, value)
    return found


def _scalar(written: str) -> str | None:
    single = _SINGLE.match(written)
    if single:
        return single[1].replace("''", "'")
    double = _DOUBLE.match(written)
    if double:
        return double[1]
    plain = _PLAIN.match(written)
    return plain[1] if plain and ": " not in plain[1] else None
