"""An entry of the tally as a line of the journal."""

from __future__ import annotations

from json import JSONEncoder
from typing import TYPE_CHECKING

from agent.watch.tally import actions

if TYPE_CHECKING:
    from agent.watch.tally import Count

_ENCODER = JSONEncoder(separators=(",", ":"))


def line(count: Count) -> bytes:
    """Write an entry with the fields of FileEvent, but for package and login_user."""
    fields = {
        "minute": count.minute,
        "path": count.path,
        "actions": actions(count.mask),
        "count": count.events,
        "first_at": count.first_at,
        "last_at": count.last_at,
        "pid": count.pid or None,
        "executable": count.actor.executable,
        "container": count.actor.container,
        "uid": count.actor.uid,
        "login_uid": count.actor.login_uid,
    }
    return _ENCODER.encode(fields).encode() + b"\n"
