"""How the last attempt at a section ended, kept beside its snapshots for status and heartbeat."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace

from agent.delivery.files import read_small, write_whole
from agent.model.codec import dumps
from agent.model.status import SNAPSHOT_STATUSES

_NAME = "attempt.json"
_LIMIT = 16 * 1024
_LONGEST_ERROR = 200


@dataclass(frozen=True)
class Attempt:
    """An attempt at a section.

    section: Name of the section.
    status: How it ended.
    started_at: When it began, seconds since 1970.
    seconds: How long it took.
    cpu_seconds: Processor seconds that it used.
    peak_mib: Most memory that it had resident, MiB.
    count: Records of the snapshot that it wrote, 0 when it wrote none.
    gaps: Gaps among them.
    error: Why it gave no snapshot, one line; None when it gave one.
    unconfined: Confinements that the kernel or the container refused, of those that a worker takes on itself.
    last_success_at: When the last attempt that gave a snapshot began; write_attempt sets it.
    """

    section: str
    status: str
    started_at: int
    seconds: float
    cpu_seconds: float
    peak_mib: float
    count: int
    gaps: int
    error: str | None
    unconfined: tuple[str, ...] = ()
    last_success_at: int | None = None


def write_attempt(folder: str, attempt: Attempt) -> None:
    """Keep how an attempt ended, and across failures when the last one succeeded; OSError when that fails."""
    os.makedirs(folder, mode=0o700, exist_ok=True)
    if attempt.status in SNAPSHOT_STATUSES:
        last_success_at: int | None = attempt.started_at
    else:
        before = read_attempt(folder)
        last_success_at = before.last_success_at if before else None
    kept = replace(attempt, last_success_at=last_success_at, error=_one_line(attempt.error))
    write_whole(os.path.join(folder, _NAME), dumps(asdict(kept)) + b"\n")


def read_attempt(folder: str) -> Attempt | None:
    """Give how the last attempt ended; None before the first, and when its file cannot be read."""
    try:
        known = json.loads(read_small(os.path.join(folder, _NAME), _LIMIT) or b"null")
        return Attempt(**{**known, "unconfined": tuple(known.get("unconfined", ()))})
    except (AttributeError, OSError, TypeError, ValueError):
        return None


def _one_line(error: str | None) -> str | None:
    return None if error is None else " ".join(error.split())[:_LONGEST_ERROR]
