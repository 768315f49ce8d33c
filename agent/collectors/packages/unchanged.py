"""What is not read again because it is known to be what it was: package databases, and for some hours the file tree."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from agent.model.records import PackageDatabase, Walk

if TYPE_CHECKING:
    from agent.model.spec import Options


def is_unchanged(options: Options, name: str, found: str) -> bool:
    """Tell whether the last snapshot holds all that a database with this stamp lists."""
    known = (record.stamp for record in options.previous(f"database/{name}") if isinstance(record, PackageDatabase))
    return found in known


def walk_holds(options: Options, parts: tuple[str, ...]) -> bool:
    """Tell whether the last snapshot holds a walk for the same parts that is younger than walk_every."""
    now = time.time()
    walks = (record for record in options.previous("walk") if isinstance(record, Walk))
    return any(walk.parts == parts and 0 <= now - walk.walked_at < options.walk_every for walk in walks)
