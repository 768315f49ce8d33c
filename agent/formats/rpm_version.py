"""The order of versions in rpm: [epoch:]version[-release], compared as rpm's rpmvercmp and rpmverCmp do."""

from __future__ import annotations

import re
from typing import NamedTuple

Segments = tuple[tuple[int, int, str], ...]
"""What a version or a release is compared by: its segments, each by its kind, its length and its text."""

_SEGMENT = re.compile("[0-9]+|[A-Za-z]+|[~^]")
_TILDE, _END, _CARET, _LETTERS, _NUMBER = range(5)
"""Kinds of segments in their order: ~ is before the end of a version, ^ behind it, letters before numbers."""
_MARKS = {"~": (_TILDE, 0, ""), "^": (_CARET, 0, "")}


class Version(NamedTuple):
    """The parts of a version as rpm writes it in one word.

    epoch: 0 where none is written.
    version: What upstream calls it.
    release: What follows the last hyphen; None without a hyphen.
    """

    epoch: str
    version: str
    release: str | None


def split(text: str) -> Version:
    """Take [epoch:]version[-release] apart, as rpmverParse does: any text has a version."""
    number, colon, rest = text.partition(":")
    if not (colon and number.strip("0123456789") == ""):
        number, rest = "0", text
    version, hyphen, release = rest.rpartition("-")
    return Version(number or "0", version, release) if hyphen else Version(number or "0", rest, None)


def compare(a: str, b: str) -> int:
    """Give -1, 0 or 1 as a is older than b, the same, or newer; a missing release is older than any."""
    left, right = order(a), order(b)
    return (left > right) - (left < right)


def order(text: str) -> tuple[Segments, Segments, Segments]:
    """Give what [epoch:]version[-release] sorts by."""
    epoch, version, release = split(text)
    return segments(epoch), segments(version), () if release is None else segments(release)


def segments(text: str) -> Segments:
    """Give what a version without epoch and release, or a release, sorts by."""
    return (*map(_segment, _SEGMENT.findall(text)), (_END, 0, ""))


def _segment(text: str) -> tuple[int, int, str]:
    if text in _MARKS:
        return _MARKS[text]
    if text[0] > "9":
        return _LETTERS, 0, text
    digits = text.lstrip("0")
    return _NUMBER, len(digits), digits
