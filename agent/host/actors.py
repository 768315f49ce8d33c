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
_LOOKS = 200
"""Programs that are looked at within a second when they start; it takes 0.1 ms each."""


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
    """A process that was looked at.

    started: When it started, in clock ticks since boot; 0 when that is not known.
    at: When it was looked at; 0 when it has to be looked at again.
    """

    actor: Actor
    started: int
    at: float


class Actors:
    """Looks at processes, and remembers the last of them for when they are gone."""

    def __init__(self, proc: ProcFS) -> None:
        self._proc = proc
        self._seen: dict[int, _Seen] = {}
        self._second = 0.0
        self._looks = 0

    def knows(self, pid: int) -> bool:
        """Tell whether a process was met before."""
        return pid in self._seen

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

    def executes(self, pid: int, program: str | None, now: float) -> None:
        """Take note that a process is about to execute a program: many have ended before they can be looked at again.

        program: Its path; None when it is not known. The user that it runs as is not known either: it may be a setuid one.
        """
        seen = self._seen.pop(pid, None)
        found = self._look(pid, now, seen) if self._may_look(now) else seen
        actor = found.actor if found else NOBODY
        self._keep(pid, _Seen(actor._replace(executable=program, uid=None), found.started if found else 0, 0.0))

    def _may_look(self, now: float) -> bool:
        """Tell whether another program may be looked at in this second."""
        if not 0 <= now - self._second < 1:
            self._second, self._looks = now, 0
        self._looks += 1
        return self._looks <= _LOOKS

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
        same = before.actor if before and before.started in (started, 0) else NOBODY
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
