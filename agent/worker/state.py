"""The agent's state folder: who may look into it, who may use it now, and the settings that hold in it."""

from __future__ import annotations

import fcntl
import json
import os
import stat
import time
from typing import Any

from agent.delivery.files import write_whole
from agent.model.settings import Settings

_SETTINGS = "settings.json"
_LIMIT = 256 * 1024
_TRIES = 3
_PAUSE = 0.02
"""Tries and seconds between them, for `stocktake status` holds the lock for an instant to see whether anybody does."""


class StateRefused(Exception):
    """The state folder cannot be used; the message says why and what to do."""


class Locked(Exception):
    """Another agent uses the state folder."""


def prepare(state_dir: str) -> None:
    """Create the folder, or see that it is the agent's alone; StateRefused when it is not."""
    try:
        os.makedirs(state_dir, mode=0o700, exist_ok=True)
        found = os.lstat(state_dir)
    except OSError as error:
        raise StateRefused(
            f"{state_dir}: {error.strerror}; give another folder as state_dir or STOCKTAKE_STATE_DIR"
        ) from None
    if not stat.S_ISDIR(found.st_mode):
        raise StateRefused(f"{state_dir}: is not a directory")
    if found.st_uid != os.geteuid():
        raise StateRefused(f"{state_dir}: belongs to user {found.st_uid}, the agent runs as {os.geteuid()}")
    if found.st_mode & 0o022:
        raise StateRefused(f"{state_dir}: is writable by others; run chmod 700 on it")


def lock(state_dir: str) -> int:
    """Take the folder for this process and those that inherit the descriptor; Locked when it is taken."""
    fd = os.open(os.path.join(state_dir, "lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    for _ in range(_TRIES):
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_PAUSE)
        else:
            return fd
    os.close(fd)
    raise Locked(f"{state_dir}: another agent is at work with this folder")


def is_locked(state_dir: str) -> bool:
    """Tell whether an agent uses the folder now."""
    try:
        with open(os.path.join(state_dir, "lock"), "rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def save_settings(settings: Settings) -> None:
    """Keep the settings for the workers, which so need not read YAML."""
    write_whole(os.path.join(settings.state_dir, _SETTINGS), json.dumps(settings._asdict()).encode())


def load_settings(state_dir: str) -> Settings:
    """Read the settings that hold; OSError or ValueError when there are none.

    Those of another version, which the daemon of before an upgrade may still work by, count as far as they are known.
    """
    with open(os.path.join(state_dir, _SETTINGS), "rb") as file:
        fields: dict[str, Any] = json.loads(file.read(_LIMIT))
    fields.update((name, tuple(value)) for name, value in fields.items() if isinstance(value, list))
    return Settings(**{name: value for name, value in fields.items() if name in Settings._fields})
