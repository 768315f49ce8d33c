"""How an attempt at a section ended, and what that permits."""

from __future__ import annotations

from collections.abc import Sequence

COMPLETE = "complete"
PARTIAL = "partial"
FAILED = "failed"
TIMED_OUT = "timed_out"
OUT_OF_MEMORY = "out_of_memory"
UNSUPPORTED = "unsupported"

STATUSES = (COMPLETE, PARTIAL, FAILED, TIMED_OUT, OUT_OF_MEMORY, UNSUPPORTED)
SNAPSHOT_STATUSES = (COMPLETE, PARTIAL)
"""The statuses whose records may replace a snapshot; after any other the last good one stays."""


def absence_is_removal(status: str, hides: Sequence[str | None], key: str) -> bool:
    """Tell whether a record that an attempt did not see is gone, rather than merely unseen.

    hides: Gap.hides of every gap of the attempt, None for a gap that hides no record.
    A complete attempt proves absence. A partial one proves it only for keys that no gap hides,
    and proves nothing when it names no gap at all. Any other attempt proves nothing.
    """
    if status == COMPLETE:
        return True
    if status != PARTIAL or not hides:
        return False
    return not any(prefix is not None and key.startswith(prefix) for prefix in hides)
