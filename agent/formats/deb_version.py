"""Versions of Debian packages, as deb-version(7) describes them: [epoch:]upstream-version[-revision]."""

from __future__ import annotations

import re
from typing import NamedTuple

Order = tuple[tuple[tuple[int, ...], int, str], ...]
"""What a part of a version sorts by: its text, then the length and the digits of the number behind it, and so on."""

_EPOCH_MAX = 2**31 - 1
"""As in dpkg (lib/dpkg/parsehelp.c), which keeps the epoch in an int."""

_REVISION = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.+~"
_UPSTREAM = _REVISION + ":-"
_TURN = "([^0-9]*)([0-9]*)"
_NOTHING = ((0,), 0, "")
"""What follows the end, and what a number of zeros without text in front of it is."""


class Version(NamedTuple):
    """The three parts of a version.

    epoch: 0 where none is written.
    upstream: The version without epoch and revision.
    revision: What follows the last hyphen; None without a hyphen.
    """

    epoch: int
    upstream: str
    revision: str | None


def split(version: str) -> Version:
    """Take a version apart; ValueError when it is none by the rules of deb-version(7)."""
    number, colon, rest = version.partition(":")
    if not colon:
        number, rest = "0", version
    upstream, hyphen, revision = rest.rpartition("-")
    if not hyphen:
        upstream = rest
    if not _is_of(_UPSTREAM, upstream) or (hyphen and not _is_of(_REVISION, revision)):
        raise ValueError("a version has an upstream version, and a revision after a hyphen, of [A-Za-z0-9.+~:-]")
    return Version(_epoch(number), upstream, revision if hyphen else None)


def _is_of(characters: str, text: str) -> bool:
    return bool(text) and not text.strip(characters)


def _epoch(number: str) -> int:
    if not (number.isascii() and number.isdigit() and len(number) <= 10 and int(number) <= _EPOCH_MAX):
        raise ValueError(f"an epoch is a number of at most {_EPOCH_MAX}")
    return int(number)


def compare(a: str, b: str) -> int:
    """Give -1, 0 or 1 as a version is older than another, as new, or newer; ValueError when one is none."""
    left, right = order(a), order(b)
    return (left > right) - (left < right)


def order(version: str) -> tuple[int, Order, Order]:
    """Give what a version sorts by; ValueError when it is none. A missing revision sorts as 0, of which it is the same."""
    epoch, upstream, revision = split(version)
    return epoch, part_order(upstream), part_order(revision or "")


def part_order(part: str) -> Order:
    """Give what an upstream version or a revision sorts by (verrevcmp in lib/dpkg/version.c).

    Text and numbers take turns. In text ~ is before its end, and letters are before all other characters.
    """
    turns = [_turn(text, number) for text, number in re.findall(_TURN, part)]
    while turns and turns[-1] == _NOTHING:
        turns.pop()
    return (*turns, _NOTHING, _NOTHING)  # for ever, in effect: of other turns only the first can be nothing


def _turn(text: str, number: str) -> tuple[tuple[int, ...], int, str]:
    digits = number.lstrip("0")
    return (*map(_weight, text), 0), len(digits), digits


def _weight(character: str) -> int:
    if character == "~":
        return -1
    return ord(character) + (0 if character.isascii() and character.isalpha() else 256)
