"""The process behind an event: its program, its user, who logged in, its container. It may be gone at any time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.formats.cgroup import container_id
from agent.formats.proc_pid import parse_stat

if TYPE_CHECKING:
    from agent.host.procfs import ProcFS

_SIZE = 4096
"""Bytes read of a file of proc, of which the start suffices."""
_NO_LOGIN = 4294967295
_DELETED = " (deleted)"
_KNOWN = 512
"""Processes that are remembered."""
_FRESH = 0.02
"""Seconds for which what was read holds without another look, so that a burst costs no look an event."""


class Actor(NamedTuple):
    """A process as it was when looked at; None is what could not be seen.

    executable: Path of its program.
    container: Id of its container; None outside of containers, too.
    uid: Number of its effective user.
    login_uid: Number of the user who logged in (loginuid of proc(5)); None for none, too.
    """

    executable: str | None
    container: str | None
    uid: int | None
    login_uid: int | None


NOBODY = Actor(None, None, None, None)
"""A process that is not known."""


class _Seen(NamedTuple):
    actor: Actor
    started: int
    at: float


class Actors:
    """Looks at processes, and remembers the last of them for when they are gone."""

    def __init__(self, proc: ProcFS) -> None:
        self._proc = proc
        self._seen: dict[int, _Seen] = {}

    def at(self, pid: int, now: float) -> Actor:
        """Give a process by its number.

        now: Seconds of a clock that is not set.
        """
        if pid <= 0:
            return NOBODY
        seen = self._seen.get(pid)
        if seen and now - seen.at < _FRESH:
            return seen.actor
        found = self._look(pid, now, seen)
        if found:
            self._keep(pid, found)
            return found.actor
        return seen.actor if seen else NOBODY

    def changes_program(self, pid: int, now: float) -> None:
        """Take note that a process is about to execute another program."""
        seen = self._seen.pop(pid, None)
        found = self._look(pid, now, seen)
        if found:
            self._keep(pid, found._replace(actor=found.actor._replace(executable=None), at=0.0))

    def _keep(self, pid: int, seen: _Seen) -> None:
        self._seen.pop(pid, None)
        if len(self._seen) >= _KNOWN:
            del self._seen[next(iter(self._seen))]
        self._seen[pid] = seen

    def _look(self, pid: int, now: float, before: _Seen | None) -> _Seen | None:
        """Read a process; None when it is gone. What cannot be seen of the same process any more is as it was before."""
        try:
            started = parse_stat(self._proc.head(f"{pid}/stat", _SIZE)).started
        except (OSError, ValueError):
            return None
        same = before.actor if before and before.started == started else NOBODY
        actor = Actor(
            executable=self._executable(pid) or same.executable,
            container=self._container(pid) or same.container,
            uid=self._uid(pid),
            login_uid=self._login_uid(pid),
        )
        return _Seen(actor, started, now)

    def _executable(self, pid: int) -> str | None:
        try:
            return self._proc.link(f"{pid}/exe").removesuffix(_DELETED)
        except OSError:
            return None  # a kernel thread, a zombie, or one that we may not look at

    def _container(self, pid: int) -> str | None:
        try:
            return container_id(self._proc.head(f"{pid}/cgroup", _SIZE))
        except OSError:
            return None

    def _uid(self, pid: int) -> int | None:
        """Give the effective user, which is the second number of the line Uid."""
        try:
            lines = self._proc.head(f"{pid}/status", _SIZE).split(b"\nUid:", 1)
            return int(lines[1].split(None, 2)[1])
        except (OSError, IndexError, ValueError):
            return None

    def _login_uid(self, pid: int) -> int | None:
        try:
            uid = int(self._proc.head(f"{pid}/loginuid", _SIZE))
        except (OSError, ValueError):
            return None
        return None if uid == _NO_LOGIN else uid
