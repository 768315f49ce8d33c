"""A message that the backend refused for what it says: noted, so that it is not sent again and again."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass

from agent.delivery.files import read_small, remove, write_whole
from agent.model.codec import dumps
from agent.model.envelope import SNAPSHOT

_NAME = "quarantine.json"
_LIMIT = 16 * 1024
_RETRY = 86400
"""Seconds after which a refused snapshot is sent once more: the backend may have learnt to read it."""


@dataclass(frozen=True)
class Refusal:
    """What was refused; nothing of its content.

    type: snapshot or delta.
    digest: Set digest of the section after the message.
    status: HTTP status of the answer.
    reason: The answer's reason, one line.
    at: When it was refused, seconds since 1970.
    """

    type: str
    digest: str
    status: int
    reason: str
    at: int

    def holds_back(self, digest: str, now: float) -> bool:
        """Tell whether a snapshot of this digest would be refused again; a refused delta asks for a snapshot."""
        return self.type == SNAPSHOT and self.digest == digest and self.at <= now < self.at + _RETRY


def write_refusal(folder: str, refusal: Refusal) -> None:
    """Note a refusal; OSError when that fails."""
    write_whole(os.path.join(folder, _NAME), dumps(asdict(refusal)) + b"\n")


def read_refusal(folder: str) -> Refusal | None:
    """Give the last refusal; None when there was none since the last message that was accepted."""
    try:
        refusal = Refusal(**json.loads(read_small(os.path.join(folder, _NAME), _LIMIT) or b"null"))
    except (OSError, TypeError, ValueError):
        return None
    return refusal if type(refusal.at) is int else None


def clear_refusal(folder: str) -> None:
    """Forget the refusal: a message was accepted."""
    remove(os.path.join(folder, _NAME))
