"""Pages of an answer: how many, from where, and the opaque cursor that leads to the next one."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from backend.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Row

USUAL = 100
MOST = 1000


class Page(NamedTuple):
    """Which rows are asked for.

    limit: How many at most.
    after: Position behind which they start, as the last page gave it; None for the beginning.
    """

    limit: int
    after: Any


def asked_page(query: Mapping[str, str], position: type) -> Page:
    """Read limit and cursor; Refused with 400 when they are not what this service gave.

    position: Type of a position of this list.
    """
    after = _read_cursor(query["cursor"], position) if "cursor" in query else None
    return Page(asked_number(query, "limit", USUAL, least=1, most=MOST), after)


def asked_number(query: Mapping[str, str], name: str, default: int, *, least: int, most: int) -> int:
    """Read a whole number; Refused with 400 for anything else."""
    text = query.get(name, str(default))
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else -1
    if not least <= number <= most:
        raise Refused(400, f"{name}: expected a whole number from {least} to {most}", "correct it, or leave it out")
    return number


def cut(rows: Sequence[Row[Any]], page: Page, position: str) -> tuple[Sequence[Row[Any]], str | None]:
    """Cut the rows, of which one more than the limit was asked for; give the cursor to the rest, None at the end.

    position: Name of the column whose value is a row's position.
    """
    if len(rows) <= page.limit:
        return rows, None
    kept = rows[: page.limit]
    return kept, _write_cursor(getattr(kept[-1], position))


def _write_cursor(position: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


def _read_cursor(text: str, position: type) -> Any:
    try:
        value = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        value = None
    if type(value) is not position or not _possible(value):
        raise Refused(400, "cursor: not one that this list gave", "leave it out to start at the beginning")
    return value


def _possible(value: Any) -> bool:
    """Tell whether a position is one that every database can compare with."""
    return 0 <= value < 2**63 if isinstance(value, int) else value.isascii() and value.isprintable()
