"""The watcher: a small process that tells what happens to watched files as it happens, and who did it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(words: Sequence[str]) -> int:
    """Be the watcher (see agent.watch.process)."""
    from agent.watch.process import watch  # noqa: PLC0415 - the modules of this package are usable without all others

    return watch(*words)
