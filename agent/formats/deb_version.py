"""Versions of Debian packages, as deb-version(7) describes them: [epoch:]upstream-version[-revision]."""

from __future__ import annotations

from typing import NamedTuple

_EPOCH_MAX = 2**31 - 1
"""As in dpkg (lib/dpkg/parsehelp.c), which keeps the epoch in an int."""

_REVISION = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.+~"
_UPSTREAM = _REVISION + ":-"


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
