"""The token that an agent sends: given in the configuration, in a file, or answered at its enrolment."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from agent.delivery.files import read_small, write_whole
from agent.delivery.sinks import Unavailable

if TYPE_CHECKING:
    from agent.model.settings import Settings

_NAME = "token.{agent}"
"""The file names the agent that the token is for: a clone of the state folder, which has an id of its own, has none."""
_LIMIT = 4096


def current_token(settings: Settings, agent: str) -> str | None:
    """Give the agent's token as it is now; None when it has none yet. Unavailable when its file cannot be read."""
    if settings.backend_token:
        return settings.backend_token
    if settings.backend_token_file:
        return _read(settings.backend_token_file, "backend.token_file")
    return _read_stored(settings.state_dir, agent)


def join_token(settings: Settings) -> str | None:
    """Give the token that lets the agent enrol; None when none is set. Unavailable when its file cannot be read."""
    if settings.backend_join_token:
        return settings.backend_join_token
    if settings.backend_join_token_file:
        return _read(settings.backend_join_token_file, "backend.join_token_file")
    return None


def store_token(state_dir: str, agent: str, token: str) -> None:
    """Keep the token of an enrolment, readable by the owner alone; OSError when that fails."""
    write_whole(os.path.join(state_dir, _NAME.format(agent=agent)), token.encode() + b"\n")


def _read_stored(state_dir: str, agent: str) -> str | None:
    content = read_small(os.path.join(state_dir, _NAME.format(agent=agent)), _LIMIT)
    return _clean(content) if content else None


def _read(path: str, setting: str) -> str:
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise Unavailable(f"{setting}: {path} is not a regular file")
        token = _clean(read_small(path, _LIMIT) or b"")
    except OSError as error:
        raise Unavailable(f"{setting}: {path}: {error.strerror}") from None
    if token is None:
        raise Unavailable(f"{setting}: {path} does not hold a token: one line, at most {_LIMIT} bytes")
    return token


def _clean(content: bytes) -> str | None:
    """Give the token of a file; None when there is none that a header could hold."""
    token = content.strip()
    return token.decode() if token and all(0x21 <= byte <= 0x7E for byte in token) else None
