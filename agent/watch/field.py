"""What is marked, and which watched directory an event is about."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from agent.host.errors import LimitReached
from agent.host.file_handle import FileHandles, file_system_number
from agent.host.file_systems import LOCAL, NOT_STORAGE, why_not
from agent.host.local_mounts import closing, open_mount, shows
from agent.host.marked_directories import MarkedDirectories

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.formats.mountinfo import Mount
    from agent.host.fanotify import Group
    from agent.host.local_mounts import LocalMounts
    from agent.watch.scope import Place, Scope

FILE_SYSTEMS, DIRECTORIES = "file_systems", "directories"
_KNOWN = 1024
"""Directories that are remembered, watched or not."""
_PROGRAMS = 128
"""Directories outside of the watched trees whose paths are remembered, for the programs in them."""
_NUMBER = 8
"""Bytes of the number of a file system before the handle."""
_HAS_NO_HANDLES = (errno.EOPNOTSUPP, errno.EXDEV, errno.ENODEV, errno.EPERM)


class Field:
    """The marks of a group for a scope below a root.

    form: FILE_SYSTEMS, or DIRECTORIES where no file system may be marked.
    unwatched: Watched places that cannot be marked, each with why.
    """

    def __init__(self, group: Group, mounts: LocalMounts, root: str, scope: Scope) -> None:
        """Set the marks; what cannot be marked is told in unwatched."""
        self.form = FILE_SYSTEMS
        self.unwatched: list[tuple[str, str]] = []
        self._group = group
        self._mounts = mounts
        self._root = root.rstrip("/")
        self._scope = scope
        self._handles = FileHandles()
        self._directories = MarkedDirectories(group, self._handles)
        self._by_number: dict[bytes, list[Mount]] = {}
        self._one_by_one: list[str] = []
        self._known: dict[bytes, Place | None] = {}
        self._elsewhere: dict[bytes, str | None] = {}
        self.mark()

    @property
    def is_marked(self) -> bool:
        """Tell whether anything is."""
        return bool(self._by_number or self._one_by_one)

    def mark(self) -> None:
        """Mark anew what is to be marked now; marks that are there already stay."""
        self._by_number, self._one_by_one, self.unwatched = {}, [], []
        self._known.clear()
        self._elsewhere.clear()
        self._directories.forget()
        for mount in self._mounts.below(self._root or "/"):
            path = self._below_root(mount.point)
            if self._scope.place(path) is None or mount.file_system in NOT_STORAGE:
                continue
            if mount.file_system in LOCAL:
                self._mark_mount(mount)
            else:
                self.unwatched.append((path or "/", why_not(mount.file_system)))
        self.form = FILE_SYSTEMS if self._by_number else DIRECTORIES

    def change(self, scope: Scope) -> None:
        """Watch other trees from now on."""
        self._scope = scope
        self._group.forget_file_systems()
        self.mark()

    def place(self, directory: bytes) -> Place | None:
        """Give what is watched of a directory, named as in an event; None for nothing."""
        try:
            return self._known[directory]
        except KeyError:
            pass
        if len(self._known) >= _KNOWN:
            del self._known[next(iter(self._known))]
        found = self._known[directory] = self._find(directory)
        return found

    def directory(self, directory: bytes) -> str | None:
        """Give the path of a directory, watched or not; None when it cannot be told."""
        place = self.place(directory)
        if place:
            return place.path
        try:
            return self._elsewhere[directory]
        except KeyError:
            pass
        if len(self._elsewhere) >= _PROGRAMS:
            self._elsewhere.clear()
        paths = (self._seen_through(mount, directory[_NUMBER:]) for mount in self._mounts_of(directory))
        found = self._elsewhere[directory] = next((path for path in paths if path is not None), None)
        return found

    def directory_moved(self) -> None:
        """Take note that a directory has another path now, and with it all that is below it."""
        self._known.clear()
        self._elsewhere.clear()
        if self._one_by_one:
            self.mark()

    def directory_appeared(self, path: str) -> None:
        """Take note of a new directory in a watched one."""
        if any(path.startswith(f"{top}/") for top in self._one_by_one):
            self._mark_directories(f"{self._root}{path}")

    def ignore_files(self, directory: bytes) -> None:
        """Have the kernel drop what happens to files in a directory of which nothing is watched."""
        for mount in self._mounts_of(directory):
            try:
                with closing(open_mount(mount)) as fd, closing(self._handles.open(fd, directory[_NUMBER:])) as found:
                    self._group.ignore_files(found)
            except OSError:
                continue  # an older kernel, or it is gone: its events are sorted out here

    def _below_root(self, path: str) -> str:
        return path[len(self._root) :].rstrip("/")

    def _mark_mount(self, mount: Mount) -> None:
        path = self._below_root(mount.point)
        try:
            with closing(open_mount(mount)) as fd:
                self._group.mark_file_system(fd)
                self._by_number.setdefault(file_system_number(fd), []).append(mount)
        except FileNotFoundError:
            pass  # covered by another mount, or unmounted again
        except NotADirectoryError:
            self.unwatched.append((path, "a file is mounted there"))
        except OSError as error:
            if error.errno in _HAS_NO_HANDLES:
                self._mark_directories(mount.point if mount.point.startswith(f"{self._root}/") else self._root or "/")
            else:
                self.unwatched.append((path or "/", str(error.strerror)))

    def _mark_directories(self, top: str) -> None:
        path = self._below_root(top)
        try:
            self._directories.mark(top, lambda path: self._scope.place(self._below_root(path)) is not None)
        except LimitReached as error:
            self.unwatched.append((path or "/", f"in part: {error}"))
        except OSError as error:
            self.unwatched.append((path or "/", str(error.strerror)))
            return
        if path not in self._one_by_one:
            self._one_by_one.append(path)

    def _mounts_of(self, directory: bytes) -> Sequence[Mount]:
        return self._by_number.get(directory[:_NUMBER], ())

    def _find(self, directory: bytes) -> Place | None:
        marked = self._directories.path_of(directory)
        if marked is not None:
            return self._scope.place(self._below_root(marked))
        for mount in self._mounts_of(directory):
            path = self._seen_through(mount, directory[_NUMBER:])
            place = self._scope.place(path) if path is not None else None
            if place:
                return place
        return None

    def _seen_through(self, mount: Mount, handle: bytes) -> str | None:
        """Give the path below the root at which a mount shows a directory; None where it does not, or it is gone.

        The kernel writes the path of a directory that a mount of a part of its file system does not show as if the
        mount were of the whole, so that such a path has to be tried.
        """
        try:
            with closing(open_mount(mount)) as fd:
                located = self._handles.locate(fd, handle)
        except OSError:
            return None
        if located is None or self._mounts.of(located[0]) != mount:
            return None
        path, status = located
        if mount.root != "/" and not shows(path, status):
            return None
        if path != self._root and not path.startswith(f"{self._root}/"):
            return None
        return self._below_root(path)
