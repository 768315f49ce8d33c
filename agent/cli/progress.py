"""What is being done just now, on standard error when that is a terminal, and wiped away afterwards."""

from __future__ import annotations

from typing import TextIO


class Progress:
    """One line that is written over."""

    def __init__(self, out: TextIO) -> None:
        self._out = out if out.isatty() else None
        self._length = 0

    def show(self, text: str) -> None:
        """Show a line in place of the one before."""
        if self._out:
            self._out.write(f"\r{text.ljust(self._length)}")
            self._out.flush()
            self._length = len(text)

    def clear(self) -> None:
        """Wipe the line away."""
        if self._out and self._length:
            self._out.write(f"\r{' ' * self._length}\r")
            self._out.flush()
            self._length = 0
