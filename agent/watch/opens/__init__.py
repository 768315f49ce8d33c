"""The watcher of opens: a small process that tells which files of code are opened in containers, each file once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(words: Sequence[str]) -> int:
    """Be the watcher (see agent.watch.opens.process)."""
    from agent.watch.opens.process import watch  # noqa: PLC0415 - the modules of this package are usable without all others

    return watch(*words)
