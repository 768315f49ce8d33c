"""How long a package manager counts as being at work: signs of it are left behind when it is killed or fails."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.host.root import HostRoot

SECONDS = 3600.0
"""After which a sign without any change of the database is that of a transaction that hangs or was broken off, so that
what the database lists is a lasting state."""


def changed_lately(root: HostRoot, paths: tuple[str, ...], within: float = SECONDS) -> bool:
    """Tell whether any of some files or directories was changed within so many seconds; not where that cannot be seen."""
    return any(_is_young(root, path, within) for path in paths)


def _is_young(root: HostRoot, path: str, within: float) -> bool:
    try:
        return abs(time.time() - root.stat(path).st_mtime) < within
    except OSError:
        return False
