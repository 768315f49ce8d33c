"""The watcher's process: its word is STATE_DIR; the daemon starts it through agent/start.py and listens on descriptor 3.

It is a process of its own beside the watcher of integrity: each stays within its 15 MiB, neither is held up by what the
other has to deal with, and one that fails takes nothing else along.
"""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING

from agent.containers.host_process import host_process
from agent.host import open_host
from agent.host.fanotify_opens import OpenGroup
from agent.host.overlay_mounts import OverlayMounts
from agent.limits.watching import confine_watcher
from agent.watch.journal import Journal
from agent.watch.opens.ground import Ground
from agent.watch.opens.openers import Openers
from agent.watch.opens.storm import Storm
from agent.watch.opens.told import OpensTold, tell
from agent.watch.opens.watch import Watch, clock
from agent.watch.opens.watcher import Watcher
from agent.watch.told import ENDED, OFF, UNAVAILABLE, Wants
from agent.watch.waiting import Waiter
from agent.worker.state import load_settings

if TYPE_CHECKING:
    from agent.model.settings import Settings

_DAEMON = 3
"""Descriptor of the pipe to the daemon."""
_HAS_NO_FANOTIFY = {
    errno.ENOSYS: "this kernel has no fanotify",
    errno.EPERM: "it is not permitted here: it takes CAP_SYS_ADMIN",
}
SETTINGS_MISSING = 2


def watch(state_dir: str) -> int:
    """Watch until asked to end; 0 also where it cannot be done, which watch.json then tells; else the daemon tries again."""
    daemon = _daemon()
    folder = os.path.join(state_dir, "sections", "usage")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        settings = load_settings(state_dir)
    except (OSError, ValueError, TypeError) as error:
        sys.stderr.write(f"the watcher of opens has no settings: {error}\n")
        return SETTINGS_MISSING
    if not (settings.usage_enabled and settings.usage_watch):
        return _end(folder, OpensTold(OFF, "it is switched off by usage.watch or usage.enabled"))
    try:
        return _watch(settings, folder, OpenGroup(), daemon)
    except OSError as error:
        reason = _HAS_NO_FANOTIFY.get(error.errno or 0)
        return _end(folder, OpensTold(UNAVAILABLE, reason or str(error.strerror)), 0 if reason else 1)


def _watch(settings: Settings, folder: str, group: OpenGroup, daemon: int | None) -> int:
    host = open_host(settings.root, settings.proc)
    if host.proc is None:
        return _end(folder, OpensTold(UNAVAILABLE, "the root is no running system"))
    overlays = OverlayMounts(host.proc.path, host_process(host))
    ground = Ground(group, overlays, host.proc, host.root.stat("/"))
    watcher = Watcher(group, ground, Openers(host.proc), Journal(folder), Storm(clock()))
    confine_watcher()
    waiter = Waiter(group.fileno(), overlays.fileno(), daemon)
    session = Watch(settings.state_dir, folder, watcher, Wants(daemon, "usage"), waiter)
    session.run()
    return _end(folder, session.told(ENDED, "it was asked to end"))


def _end(folder: str, told: OpensTold, code: int = 0) -> int:
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
