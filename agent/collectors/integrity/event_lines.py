"""Lines of the watcher's journal: the fields of FileEvent but for package and login_user, as one JSON object."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from agent.model.records import FileEvent

if TYPE_CHECKING:
    from typing import Any

ACTIONS = frozenset(("create", "modify", "attributes", "delete", "move_from", "move_to", "execute"))
_LARGEST = 1 << 53
_LAST_MINUTE = 10**10
"""Beyond it keys would no longer be in the order of time."""


def event_of(line: bytes) -> FileEvent:
    """Read a line; ValueError when it is damaged."""
    try:
        fields = json.loads(line)
        return FileEvent(
            minute=_number(fields["minute"], _LAST_MINUTE),
            path=_path(fields["path"]),
            actions=_actions(fields["actions"]),
            count=_number(fields["count"]),
            first_at=_number(fields["first_at"]),
            last_at=_number(fields["last_at"]),
            pid=_number_or_none(fields["pid"]),
            executable=_text_or_none(fields["executable"]),
            package=None,
            container=_text_or_none(fields["container"]),
            uid=_number_or_none(fields["uid"]),
            login_uid=_number_or_none(fields["login_uid"]),
            login_user=None,
        )
    except (KeyError, RecursionError, TypeError):
        raise ValueError("not a line of the journal") from None


def united(first: FileEvent, other: FileEvent) -> FileEvent:
    """Unite two events of one key. A later line counts what the earlier one did, too, so that counts are not added up."""
    early, late = sorted((first, other), key=lambda event: (event.last_at, event.count))
    return FileEvent(
        minute=late.minute,
        path=late.path,
        actions=tuple(sorted({*early.actions, *late.actions})),
        count=max(early.count, late.count),
        first_at=min(early.first_at, late.first_at),
        last_at=late.last_at,
        pid=late.pid,
        executable=late.executable or early.executable,
        package=late.package or early.package,
        container=late.container or early.container,
        uid=early.uid if late.uid is None else late.uid,
        login_uid=early.login_uid if late.login_uid is None else late.login_uid,
        login_user=late.login_user or early.login_user,
    )


def _number(value: Any, most: int = _LARGEST) -> int:
    if type(value) is not int or not 0 <= value < most:
        raise ValueError("not a number of the journal")
    return value


def _number_or_none(value: Any) -> int | None:
    return None if value is None else _number(value)


def _text_or_none(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise ValueError("not a text of the journal")
    return value


def _path(value: Any) -> str:
    if not isinstance(value, str) or not value.startswith("/"):
        raise ValueError("not a path of the journal")
    return value


def _actions(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not ACTIONS.issuperset(value):
        raise ValueError("not actions of the journal")
    return tuple(sorted(set(value)))
