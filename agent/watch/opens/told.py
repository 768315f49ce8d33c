"""What the watcher of opens tells of itself, for the next collection and `stocktake status`: the file watch.json."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, NamedTuple

from agent.delivery.files import write_whole
from agent.watch.told import NAME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agent.watch.opens.watched import Watched


class OpensTold(NamedTuple):
    """The state of the watcher.

    since: When it began, seconds since 1970.
    missed: How often events or lines were lost.
    overflowed_at: When that was last.
    scopes: Of each container that is watched since when, whether from its start, opens by processes that had ended
        before they could be looked at, and what of it is not watched.
    overlays: Numbers of the file systems that are marked because containers are made of such.
    """

    state: str
    reason: str | None = None
    since: int | None = None
    missed: int = 0
    overflowed_at: int | None = None
    pid: int | None = None
    scopes: Mapping[str, tuple[int, bool, int, str | None]] = {}
    overlays: Sequence[int] = ()


def scopes_of(watched: Mapping[str, Watched]) -> dict[str, tuple[int, bool, int, str | None]]:
    """Give what is told of containers."""
    return {scope: (each.since, each.is_whole, each.unseen, each.note) for scope, each in watched.items()}


def tell(folder: str, told: OpensTold) -> bool:
    """Write the file; False when that cannot be done."""
    try:
        write_whole(os.path.join(folder, NAME), json.dumps(told._asdict(), separators=(",", ":")).encode())
    except OSError:
        return False
    return True
