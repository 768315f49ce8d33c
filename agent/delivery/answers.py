"""What the backend's answers mean; an answer that is not the backend's is a problem, whatever its status."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from agent.delivery.sinks import OK, Answer, Have

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST_REASON = 200
_MOST_RESENT = 64
_EPOCH = re.compile(r"[0-9A-Za-z_-]{1,64}")
_LONGEST_SEQ = 1 << 53
_CLOCK_OFF = 60
_UNAUTHORISED = (401, 403)


def read_answer(status: int, headers: Mapping[str, str], body: bytes, now: float) -> Answer:
    """Give the meaning of an answer.

    now: Time on this host, to compare with the backend's where a token is refused.
    """
    content = _object(body)
    return Answer(
        status,
        _problem(status, headers, content, now),
        _have(content),
        _resend(content),
        _retry_after(headers),
    )


def read_token(body: bytes) -> str | None:
    """Give the token of an answer to an enrolment; None when there is none that a header could hold."""
    token = (_object(body) or {}).get("token")
    if isinstance(token, str) and re.fullmatch(r"[!-~]{1,1024}", token):
        return token
    return None


def _object(body: bytes) -> Mapping[str, Any] | None:
    try:
        content = json.loads(body)
    except (RecursionError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def _problem(status: int, headers: Mapping[str, str], content: Mapping[str, Any] | None, now: float) -> str | None:
    if 300 <= status < 400:
        return f"the backend answered with a redirect ({status}), which is not followed"
    if content is None:
        kind = headers.get("Content-Type", "").partition(";")[0].strip() or "no type"
        return f"the answer ({status}, {_clean(kind)}) is not the backend's"
    if status == OK:
        return None
    reason = content.get("error")
    told = f": {_clean(reason)}" if isinstance(reason, str) else ""
    return f"the backend answered {status}{told}" + (_clock(headers, now) if status in _UNAUTHORISED else "")


def _have(content: Mapping[str, Any] | None) -> Have | None:
    have = (content or {}).get("have")
    if not isinstance(have, dict):
        return None
    epoch, seq = have.get("epoch"), have.get("seq")
    if isinstance(epoch, str) and _EPOCH.fullmatch(epoch) and type(seq) is int and 0 <= seq < _LONGEST_SEQ:
        return Have(epoch, seq)
    return None


def _resend(content: Mapping[str, Any] | None) -> tuple[str, ...]:
    names = (content or {}).get("resend")
    if not isinstance(names, list):
        return ()
    return tuple(name for name in names[:_MOST_RESENT] if isinstance(name, str))


def _retry_after(headers: Mapping[str, str]) -> int | None:
    """Read Retry-After (RFC 9110, 10.2.3); a date is compared with the backend's own clock."""
    value = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        return int(value)
    until, date = _time(value), _time(headers.get("Date", ""))
    return None if until is None or date is None else max(0, int(until - date))


def _clock(headers: Mapping[str, str], now: float) -> str:
    date = _time(headers.get("Date", ""))
    if date is None or abs(now - date) < _CLOCK_OFF:
        return ""
    side = "ahead of" if now > date else "behind"
    return f"; this host's clock is {abs(int(now - date))} s {side} the backend's"


def _time(text: str) -> float | None:
    from email.utils import mktime_tz, parsedate_tz  # noqa: PLC0415 - half a megabyte, seldom needed

    try:
        parsed = parsedate_tz(text) if text else None
        return None if parsed is None else mktime_tz(parsed)
    except (OverflowError, ValueError):
        return None


def _clean(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:_LONGEST_REASON]
