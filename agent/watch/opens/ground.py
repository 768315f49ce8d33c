"""What is watched: the root and the volumes of every container, marked as soon as they are mounted or seen."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from agent.formats.mountinfo import mounts
from agent.formats.proc_pid import parse_stat
from agent.host.errors import LimitReached
from agent.host.file_systems import LOCAL, NOT_STORAGE
from agent.host.overlay_mounts import open_top
from agent.watch.opens.members import Members
from agent.watch.opens.watched import Volume, Watched, shared

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agent.formats.mountinfo import Mount
    from agent.host.fanotify_opens import OpenGroup
    from agent.host.overlay_mounts import Overlay, OverlayMounts
    from agent.host.procfs import ProcFS

_START = 4096
_MOUNTINFO = 4 * 1024 * 1024
_PAUSE = 600.0
"""Seconds for which a container is left alone that opens too much."""
_VOLUMES = 64
_SCOPES = 2000
_NOT_CODE = ("/dev", "/proc", "/sys", "/etc/", "/run/secrets", "/var/run/secrets", "/run/.containerenv")
_TICKS = 100.0
"""Clock ticks a second in what the kernel tells (USER_HZ)."""
_STARTING = 0.05
"""Seconds that a process's start may be told too late."""


class Ground:
    """The marks of a group."""

    def __init__(self, group: OpenGroup, overlays: OverlayMounts, proc: ProcFS, root: os.stat_result) -> None:
        """Mark nothing yet; root is the top of the host's tree."""
        self.scopes: dict[str, Watched] = {}
        self.shared: frozenset[int] = frozenset()
        self._group = group
        self._overlays = overlays
        self._proc = proc
        self._marked: dict[int, float] = {}
        self._of_mount: dict[int, str] = {}
        self._host = _identity(root)
        self._members = Members(proc)
        self._paused: dict[str, float] = {}

    @property
    def overlays(self) -> list[int]:
        """The overlays that are marked."""
        return sorted(self._marked)

    def mark_overlays(self, clock: float) -> None:
        """Mark the overlays that are mounted now, before anything runs in them; OSError, ValueError where none can be told.

        clock: Seconds since boot.
        """
        there = {overlay.device: overlay for overlay in self._overlays.now()}
        known = {watched.device for watched in self.scopes.values()}
        for device in self._marked.keys() - there.keys() - known:
            del self._marked[device]
        for device, overlay in there.items():
            if device not in self._marked:
                self._mark_overlay(overlay, clock)

    def look(self, now: float, clock: float) -> bool:
        """Find containers that are new and forget those that are gone; tell whether there was a new one.

        now: Seconds since 1970.
        clock: Seconds since boot.
        """
        members = self._members.now(clock)
        for gone in self.scopes.keys() - members.keys():
            self._forget(gone)
        new = [scope for scope in members if scope not in self.scopes][: _SCOPES - len(self.scopes)]
        for scope in new:
            self._watch(scope, members[scope], now, clock)
        return bool(new)

    def scope_of(self, mount: int | None) -> str | None:
        """Give the container whose root a mount is."""
        return self._of_mount.get(mount or 0)

    def pause(self, mount: int, clock: float) -> None:
        """Watch a container no more for a while, which is told of it, as it opens too many new files.

        mount: The mount that is its root.
        """
        scope = self._of_mount.get(mount)
        if scope is None or scope in self._paused or self.scopes[scope].device is None:
            return
        for pid in self._members.of(scope):
            try:
                fd = open_top(f"{self._proc.path}/{pid}/root", self.scopes[scope].device)
            except OSError:
                continue
            try:
                self._group.forget_file_system(fd)
            finally:
                os.close(fd)
            self._paused[scope] = clock + _PAUSE
            self.scopes[scope].is_whole = False
            self.scopes[scope].note = "not watched for a while, because too many new files were opened"
            return

    def resume(self, clock: float) -> None:
        """Watch containers again whose time is over; that they were not watched stays said."""
        for scope in [scope for scope, until in self._paused.items() if clock >= until]:
            del self._paused[scope]
            watched = self.scopes.pop(scope, None)
            if watched and watched.device is not None:
                self._marked.pop(watched.device, None)  # the next look marks it as it does a new one

    def _mark_overlay(self, overlay: Overlay, clock: float) -> None:
        try:
            fd = self._overlays.open(overlay)
        except OSError:
            return  # it is not to be seen from here: its container's processes show it
        try:
            self._group.mark_file_system(fd)
            self._marked[overlay.device] = clock
        except OSError:
            pass  # tried again with the container's own root
        finally:
            os.close(fd)

    def _watch(self, scope: str, pids: Sequence[int], now: float, clock: float) -> None:
        """Mark what a container's first process that is still there sees; one that is still being made is tried again."""
        for pid in pids:
            try:
                watched = self._watched(pid, now, clock)
            except (OSError, LimitReached, ValueError, IndexError):
                continue
            self.scopes[scope] = watched
            self._of_mount[watched.mount] = scope
            self.shared = shared(self.scopes)
            return

    def _watched(self, pid: int, now: float, clock: float) -> Watched:
        lines = self._proc.read(f"{pid}/mountinfo", _MOUNTINFO).split(b"\n")[:-1]
        started = parse_stat(self._proc.head(f"{pid}/stat", _START)).started / _TICKS
        table = list(mounts(lines))
        top = [mount for mount in table if mount.point == "/"][-1]
        watched = Watched(int(now), top.id)
        fd = open_top(f"{self._proc.path}/{pid}/root")
        try:
            device = os.fstat(fd).st_dev
            if _identity(os.fstat(fd)) == self._host:
                raise ValueError("it is still being made, and sees the host's own tree")
            if top.file_system == "overlay":
                watched.device = device
                if device not in self._marked:
                    self._group.mark_file_system(fd)
                    self._marked[device] = clock
                watched.is_whole = self._marked[device] <= started + _STARTING
            else:
                self._group.mark_mount(fd)
                watched.volumes.append(Volume(device, top.root))
        except OSError as error:
            watched.note = f"its root: {error.strerror}"
        finally:
            os.close(fd)
        self._mark_volumes(pid, table, watched)
        return watched

    def _mark_volumes(self, pid: int, table: Iterable[Mount], watched: Watched) -> None:
        unwatched = []
        for mount in table:
            if mount.point == "/" or mount.file_system in NOT_STORAGE or mount.point.startswith(_NOT_CODE):
                continue
            if mount.file_system not in LOCAL:
                unwatched.append(f"{mount.point} ({mount.file_system})")
            elif len(watched.volumes) > _VOLUMES:
                unwatched.append(mount.point)
            else:
                self._mark_volume(pid, mount, watched)
        if unwatched:
            watched.note = f"not watched: {', '.join(unwatched[:3])}{', ...' if len(unwatched) > 3 else ''}"

    def _mark_volume(self, pid: int, mount: Mount, watched: Watched) -> None:
        try:
            fd = open_top(f"{self._proc.path}/{pid}/root{mount.point}")
        except OSError:
            return  # a file, or covered by another
        try:
            self._group.mark_mount(fd)
            watched.volumes.append(Volume(os.fstat(fd).st_dev, mount.root))
        except OSError as error:
            watched.note = f"{mount.point}: {error.strerror}"
        finally:
            os.close(fd)

    def _forget(self, scope: str) -> None:
        watched = self.scopes.pop(scope)
        self._paused.pop(scope, None)
        self._of_mount.pop(watched.mount, None)
        self.shared = shared(self.scopes)


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino
