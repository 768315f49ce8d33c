"""The watcher's process: its word is STATE_DIR; the daemon starts it through agent/start.py and listens on descriptor 3."""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING

from agent.host.actors import Actors
from agent.host.fanotify import Group
from agent.host.local_mounts import LocalMounts
from agent.host.procfs import ProcFS
from agent.limits.watching import confine_watcher
from agent.watch.field import Field
from agent.watch.journal import Journal
from agent.watch.told import ENDED, OFF, UNAVAILABLE, Told, Wants, died_before, tell
from agent.watch.trees import scope_of
from agent.watch.waiting import Waiter
from agent.watch.watch import Watch
from agent.watch.watcher import Watcher
from agent.worker.state import load_settings

if TYPE_CHECKING:
    from agent.model.settings import Settings

_DAEMON = 3
"""Descriptor of the pipe to the daemon."""
_HAS_NO_FANOTIFY = {
    errno.ENOSYS: "this kernel has no fanotify",
    errno.EPERM: "it is not permitted here: a container without CAP_SYS_ADMIN, or a kernel before Linux 5.13",
    errno.EINVAL: "this kernel's fanotify does not name directories, which Linux 5.9 and later do",
}
SETTINGS_MISSING = 2


def watch(state_dir: str) -> int:
    """Watch until asked to end; 0 also where it cannot be done, which watch.json then tells; else the daemon tries again."""
    daemon = _daemon()
    folder = os.path.join(state_dir, "sections", "integrity")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        settings = load_settings(state_dir)
    except (OSError, ValueError, TypeError) as error:
        sys.stderr.write(f"the watcher has no settings: {error}\n")
        return SETTINGS_MISSING
    if not (settings.integrity_enabled and settings.integrity_watch):
        return _end(folder, Told(OFF, reason="it is switched off by integrity.watch or integrity.enabled"))
    try:
        group = Group()
    except OSError as error:
        reason = _HAS_NO_FANOTIFY.get(error.errno or 0)
        return _end(folder, Told(UNAVAILABLE, reason=reason or str(error.strerror)), 0 if reason else 1)
    return _watch(settings, folder, group, daemon)


def _watch(settings: Settings, folder: str, group: Group, daemon: int | None) -> int:
    mounts = LocalMounts()
    field = Field(group, mounts, settings.root, scope_of(settings))
    if not field.is_marked:
        return _end(folder, Told(UNAVAILABLE, reason=_why_not(field)))
    actors = Actors(ProcFS(settings.proc or f"{settings.root.rstrip('/')}/proc"))
    wants = Wants(daemon)
    if died_before(folder):
        wants.scan()
    watcher = Watcher(group, field, actors, Journal(folder), wants)
    confine_watcher()
    session = Watch(settings.state_dir, folder, watcher, mounts, wants, Waiter(group.fileno(), mounts.fileno(), daemon))
    session.run()
    return _end(folder, Told(ENDED, reason="it was asked to end", since=session.since, missed=watcher.missed))


def _why_not(field: Field) -> str:
    return "; ".join(f"{path}: {reason}" for path, reason in field.unwatched[:3]) or "nothing that is watched exists"


def _end(folder: str, told: Told, code: int = 0) -> int:
    tell(folder, told)
    return code


def _daemon() -> int | None:
    """Give the daemon's pipe; None when nothing is open there, which must be known before anything else is opened."""
    try:
        os.fstat(_DAEMON)
    except OSError:
        return None
    os.set_blocking(_DAEMON, False)
    return _DAEMON
