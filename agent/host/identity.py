"""The agent's identity: a random id in its state folder, with the evidence of the machine it was drawn on.

A copy of the state folder on another machine has the id but not the evidence: it draws an id of its own
and names the copied one as its parent.
"""

from __future__ import annotations

import fcntl
import json
import os
import stat
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from agent.host.errors import LimitReached
from agent.host.evidence import Evidence
from agent.host.reading import read_all

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = "identity.json"
CORRUPT = FILE + ".corrupt"
_LOCK = "identity.lock"
_LIMIT = 64 * 1024
_PROOFS = ("machine_id", "product_uuid", "cloud_instance_id")
"""Evidence of which a difference proves a clone."""


@dataclass(frozen=True)
class Identity:
    """Who the agent is.

    id: Random id, 32 hexadecimal digits.
    parent: Id of the agent that this one is a clone of; None for an original.
    evidence: The machine that the id was drawn on, as far as it became known.
    """

    id: str
    parent: str | None
    evidence: Evidence


def identify(state_dir: str, evidence: Evidence) -> Identity:
    """Give the identity that the state folder keeps, drawing one where there is none or this is a clone.

    Evidence that is unknown now is not changed; what becomes known later is kept beside the rest. A file
    that is no identity is set aside as identity.json.corrupt. Agents that start at once agree on one
    id. OSError when the folder cannot be read and written: an unreadable identity is not a missing one.
    """
    with _locked(state_dir) as folder:
        known = _read(folder)
        current = _decide(known, evidence)
        if current != known:
            _write(folder, current)
        return current


def _decide(known: Identity | None, evidence: Evidence) -> Identity:
    if known is None:
        return Identity(uuid4().hex, None, evidence)
    if _differs(known.evidence, evidence):
        return Identity(uuid4().hex, known.id, evidence)
    return Identity(known.id, known.parent, _merged(known.evidence, evidence))


def _differs(then: Evidence, now: Evidence) -> bool:
    pairs = ((getattr(then, name), getattr(now, name)) for name in _PROOFS)
    return any(old and new and old != new for old, new in pairs)


def _merged(then: Evidence, now: Evidence) -> Evidence:
    return Evidence(*(getattr(now, field.name) or getattr(then, field.name) for field in fields(Evidence)))


@contextmanager
def _locked(state_dir: str) -> Iterator[int]:
    """Open the state folder for one process at a time; the lock ends with the process that holds it."""
    folder = os.open(state_dir, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        lock = os.open(_LOCK, flags, 0o600, dir_fd=folder)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
        finally:
            os.close(lock)
    finally:
        os.close(folder)


def _read(folder: int) -> Identity | None:
    """Read the identity; None when there is none, or after what was there has been set aside."""
    try:
        if not stat.S_ISREG(os.stat(FILE, dir_fd=folder, follow_symlinks=False).st_mode):
            raise ValueError("not a regular file")
        return _parse(_content(folder))
    except FileNotFoundError:
        return None
    except (LimitReached, ValueError):
        os.rename(FILE, CORRUPT, src_dir_fd=folder, dst_dir_fd=folder)
        return None


def _content(folder: int) -> bytes:
    fd = os.open(FILE, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    try:
        return read_all(fd, _LIMIT, FILE)
    finally:
        os.close(fd)


def _parse(content: bytes) -> Identity:
    """Read what _write wrote; ValueError for anything else."""
    try:
        written = json.loads(content)
        identity = Identity(written["id"], written["parent"], Evidence(**written["evidence"]))
    except (KeyError, RecursionError, TypeError) as error:
        raise ValueError(f"not an identity: {error}") from None
    _require_id(identity.id)
    if identity.parent is not None:
        _require_id(identity.parent)
    if not all(value is None or isinstance(value, str) for value in asdict(identity.evidence).values()):
        raise ValueError("not an identity: evidence that is no text")
    return identity


def _require_id(text: object) -> None:
    if not isinstance(text, str) or UUID(text).hex != text:
        raise ValueError("not an identity: the id is not 32 hexadecimal digits")


def _write(folder: int, identity: Identity) -> None:
    """Replace the file as a whole: whoever reads it finds the old one or the new one."""
    temporary = f"{FILE}.{os.getpid()}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(temporary, flags, 0o600, dir_fd=folder), "w", encoding="utf-8") as writer:
        json.dump(asdict(identity), writer, indent=2)
        writer.write("\n")
        writer.flush()
        os.fsync(writer.fileno())
    os.rename(temporary, FILE, src_dir_fd=folder, dst_dir_fd=folder)
    os.fsync(folder)
