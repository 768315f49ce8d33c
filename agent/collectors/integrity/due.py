"""When a file that nothing has touched is read again all the same, without keeping count of it anywhere.

Each path has a turn within the period, given by the CRC-32 of its key; due are those whose turn came since the last scan.
So every file is read once in a period, a scan reads the share of the period that has passed, and content that was changed
under forged times is found.
"""

from __future__ import annotations

from typing import NamedTuple


class Due(NamedTuple):
    """What is due: a key for which (crc32(key) - start) % period < length.

    start: Seconds, modulo the period, at which the last scan began.
    length: Seconds since, at most a period; 0 where nothing is due.
    period: Seconds over which the reading of everything is spread.
    """

    start: int
    length: int
    period: int


def due(last: int | None, now: int, period: int) -> Due:
    """Tell what is due now, when the last scan began at a time, both in seconds since 1970.

    A clock that was set back makes everything due once: better too much than never.
    """
    if last is None:
        return Due(0, 0, period)
    passed = now - last
    return Due(last % period, min(passed, period) if passed >= 0 else period, period)
