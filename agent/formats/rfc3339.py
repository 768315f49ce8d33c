"""Moments as container runtimes write them: 2024-05-01T12:00:00.123456789Z (RFC 3339)."""

from __future__ import annotations

import re
from calendar import timegm

_MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d))")


def seconds(moment: str | None) -> int | None:
    """Give the seconds since 1970; None for what is no moment, and for year 1, which Go writes for none."""
    match = _MOMENT.fullmatch(moment or "")
    if not match:
        return None
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    if year < 1970 or not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    behind = 60 * (60 * int(match[8]) + int(match[9])) if match[7] else 0
    return timegm((year, month, day, hour, minute, second)) - (behind if match[7] != "-" else -behind)
