"""Single files as a walk hands them to the parsers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from agent.host.found import Found
from agent.model.records import Gap

if TYPE_CHECKING:
    from pathlib import Path

    from agent.inventory.languages import Finding, Parser


def look(parser: Parser, path: Path) -> tuple[list[Finding], list[Gap]]:
    """Give what a parser finds in a file, whose path below the root is its name alone; packages and gaps."""
    directory = os.open(path.parent, os.O_RDONLY)
    found = Found(directory, f"/{path.name}", path.stat().st_size, executable=True)
    try:
        told = list(parser.packages(found))
    finally:
        found.close()
        os.close(directory)
    return [each for each in told if not isinstance(each, Gap)], [each for each in told if isinstance(each, Gap)]
