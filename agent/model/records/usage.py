"""The facts of the section usage: which packages processes really use, graded by evidence."""

from __future__ import annotations

from typing import ClassVar

from agent.model.record import record

INSTALLED, OPENED, MAPPED, EXECUTED = "installed", "opened", "mapped", "executed"
"""Grades of evidence, the weakest first."""
GRADES = (INSTALLED, OPENED, MAPPED, EXECUTED)
WATCHED, DESCRIPTORS = "watched", "descriptors"
"""How opened files are seen."""


@record(frozen=True)
class PackageUse:
    """A package of the host or of a container that processes have used since the host or the container started.

    A package without such a record is installed and was not seen used; what that means is told by usage_scope.

    scope: host, or the container's id.
    package: Key of the package, as in the section packages or in contained_package.
    name: Its name.
    version: Its version on disk; null where it says none.
    location: File that says so, for a package of a language; null for packages of the operating system.
    evidence: Strongest evidence seen since the scope started: opened (its code was opened by what can run it), mapped (a file of it is in a process's memory) or executed (a program of it ran).
    through: File that was used where that is no file of the package alone: the program that a module was built into, or the archive that an archive is in.
    first_seen: When it was first seen used, seconds since 1970.
    root: Whether a process of user id 0 of the host was seen to use it since the scope started.
    setuid: Whether a program of it that ran has the setuid or setgid bit or file capabilities.
    listening: Whether a process that uses it now holds a listening TCP or bound UDP socket; null where that could not be seen.
    exposure: Widest exposure of those sockets, as in listener; null without one.
    stale: Whether a process still has code of it in memory that was replaced or removed on disk.
    stale_versions: Versions of it that are so in memory, as far as they are known, sorted.
    restart: What would have to be restarted for that, at most 16: systemd units where the processes are in services, otherwise names of processes.
    last_seen: When it was last seen used, seconds since 1970.
    processes: Number of processes that use it now.
    restart_pids: Ids of the processes to restart, at most 64.
    """

    KIND: ClassVar[str] = "package_use"
    VOLATILE: ClassVar[tuple[str, ...]] = ("last_seen", "processes", "restart_pids")

    scope: str
    package: str
    name: str
    version: str | None
    location: str | None
    evidence: str
    through: str | None
    first_seen: int
    root: bool
    setuid: bool
    listening: bool | None
    exposure: str | None
    stale: bool
    stale_versions: tuple[str, ...]
    restart: tuple[str, ...]
    last_seen: int
    processes: int
    restart_pids: tuple[int, ...]

    @property
    def key(self) -> str:
        """<scope>/<package>"""
        return f"{self.scope}/{self.package}"


@record(frozen=True)
class UsageScope:
    """How completely the host or a container was looked at: what a missing package_use means.

    scope: host, or the container's id.
    started: When it started, seconds since 1970: the host's boot, the container's first process.
    complete: Whether every process could be read and opened files were watched from the start on, so that no use means not used.
    opens: How opened files are seen: watched, or descriptors (only what is open at a look).
    watched_since: Since when opened files are watched without a break, seconds since 1970; null where they are not.
    missed: What may have been missed, for people; null where nothing may.
    unread: Why processes could not be read; null where all were.
    processes: Number of processes that were read.
    processes_unread: Number of processes that could not be read.
    used: Number of packages that were seen used.
    """

    KIND: ClassVar[str] = "usage_scope"
    VOLATILE: ClassVar[tuple[str, ...]] = ("processes", "processes_unread")

    scope: str
    started: int | None
    complete: bool
    opens: str
    watched_since: int | None
    missed: str | None
    unread: str | None
    processes: int
    processes_unread: int
    used: int

    @property
    def key(self) -> str:
        """scope/<scope>"""
        return f"scope/{self.scope}"
