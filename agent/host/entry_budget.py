"""What a walk over watched trees may cost before it ends early."""

from __future__ import annotations

import time
from typing import NamedTuple


class Budget(NamedTuple):
    """The limits.

    entries: Names in directories.
    processor_seconds: Time of the processor, of whoever uses the entries too.
    seconds: Time on the wall.
    """

    entries: int = 10_000_000
    processor_seconds: float = 900.0
    seconds: float = 7200.0


USUAL = Budget()
"""For a host of millions of files whose content is read, too."""


class Spending:
    """What was spent of a budget.

    met: Names so far.
    """

    def __init__(self, budget: Budget) -> None:
        self.met = 0
        self._budget = budget
        self._processor_end = time.process_time() + budget.processor_seconds
        self._end = time.monotonic() + budget.seconds

    def spent(self) -> str | None:
        """Say what of the budget is spent, if anything is."""
        if self.met > self._budget.entries:
            return f"it met {self._budget.entries} names"
        if time.process_time() >= self._processor_end:
            return f"it took {self._budget.processor_seconds:g} processor seconds"
        if time.monotonic() >= self._end:
            return f"it took {self._budget.seconds:g} seconds"
        return None
