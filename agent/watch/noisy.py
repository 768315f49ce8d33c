"""Directories outside of the watched trees in which much happens, which the kernel is asked not to tell of."""

from __future__ import annotations

NOISE = 64
"""Events of one directory that are sorted out here before the kernel is asked."""
_MOST = 256
"""Directories whose events are counted; then counting begins anew."""


class Noisy:
    """Counts events that nobody wants."""

    def __init__(self) -> None:
        self._counts: dict[bytes, int] = {}

    def is_too_much(self, directory: bytes) -> bool:
        """Count an event of a directory; tell, once for so many events, that they are too many."""
        count = self._counts.get(directory, 0) + 1
        if len(self._counts) >= _MOST:
            self._counts.clear()
        self._counts[directory] = count % NOISE
        return count == NOISE
