"""When the destination may be asked again after it failed; kept across processes in delivery.json."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from agent.delivery.files import read_small, write_whole
from agent.model.codec import dumps

if TYPE_CHECKING:
    from collections.abc import Callable

_NAME = "delivery.json"
_LIMIT = 16 * 1024
_FIRST = 5
_LONGEST = 900
_SPREAD = 120
"""Seconds over which the first retries of many hosts are spread when their backend goes away."""
_LONGEST_ASKED = 86400
"""Most seconds of a Retry-After that are honoured."""


@dataclass(frozen=True)
class DeliveryState:
    """How delivery stands.

    failures: Failures since the last success.
    failed_at: When the last of them was, seconds since 1970.
    not_before: When the destination may be asked again.
    error: Why the last run failed, one line; None when it did not.
    delivered_at: When the destination last accepted anything.
    heartbeat_at: When it last accepted a heartbeat.
    """

    failures: int = 0
    failed_at: int = 0
    not_before: int = 0
    error: str | None = None
    delivered_at: int | None = None
    heartbeat_at: int | None = None

    def wait(self, now: float) -> int:
        """Give the seconds to wait from now; none when the clock was set back past the failure."""
        longest = _LONGEST_ASKED * 5 // 4
        if now < self.failed_at or self.not_before - self.failed_at > longest:
            return 0
        return max(0, int(self.not_before - now + 0.999))

    def failed(self, now: float, problem: str, retry_after: int | None, chance: Callable[[], float]) -> DeliveryState:
        """Give the state after a failure: full jitter under a clamp that doubles from 5 s to 900 s.

        chance: Gives a random number from 0 up to 1.
        """
        if retry_after is not None:
            delay = min(retry_after, _LONGEST_ASKED) * (1 + chance() / 4)
        else:
            delay = chance() * min(_LONGEST, _FIRST * 2 ** min(self.failures, 16))
            delay += chance() * _SPREAD if self.failures == 0 else 0
        return replace(
            self, failures=self.failures + 1, failed_at=int(now), not_before=int(now + delay + 0.999), error=problem
        )

    def succeeded(self, now: float) -> DeliveryState:
        """Give the state after the destination accepted something."""
        return DeliveryState(delivered_at=int(now), heartbeat_at=self.heartbeat_at)


def read_delivery(state_dir: str) -> DeliveryState:
    """Give how delivery stands; as at the first start when the file is missing or cannot be read."""
    try:
        state = DeliveryState(**json.loads(read_small(os.path.join(state_dir, _NAME), _LIMIT) or b"{}"))
    except (OSError, TypeError, ValueError):
        return DeliveryState()
    numbers = (state.failures, state.failed_at, state.not_before, state.delivered_at or 0, state.heartbeat_at or 0)
    return state if all(type(number) is int for number in numbers) else DeliveryState()


def write_delivery(state_dir: str, state: DeliveryState) -> None:
    """Keep how delivery stands; OSError when that fails."""
    write_whole(os.path.join(state_dir, _NAME), dumps(asdict(state)) + b"\n")
