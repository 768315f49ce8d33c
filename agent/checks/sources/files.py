"""Plain files that may be absent."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.checks.engine.system import System


def lines(system: System, path: str) -> Iterator[bytes]:
    """Give the lines of a file as they are, without their ends; one that is absent has none."""
    try:
        yield from system.root.lines(path)
    except (FileNotFoundError, NotADirectoryError):
        return
