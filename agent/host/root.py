"""A read-only tree that no path, link or `..` leads out of; every read of it has a limit."""

from __future__ import annotations

import io
import os
from fnmatch import translate
from re import compile as regex
from typing import TYPE_CHECKING

from agent.host.blocks import Blocks
from agent.host.directory import Directory
from agent.host.errors import LimitReached
from agent.host.reading import LIMIT, Limited, read_all, require_regular
from agent.host.resolve import Resolver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LINE = 1024 * 1024
"""Longest line that lines() gives; a longer one is cut and its rest dropped by LimitReached."""


class HostRoot:
    """The file tree of a host, a container or an unpacked image.

    Paths are those that the system itself uses (/etc/passwd); they are resolved below the root as
    chroot(2) would, and no other way. Every method raises OSError as the kernel does.
    """

    _fd = -1

    def __init__(self, path: str = "/", observe: Callable[[str], None] | None = None, in_kernel: bool = True) -> None:
        self.path = path
        self._observe = observe
        self._in_kernel = in_kernel
        self._fd = os.open(path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        self._resolver = Resolver(self._fd, in_kernel)

    def close(self) -> None:
        """Let go of the tree; one that is forgotten lets go of itself."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    __del__ = close

    def fileno(self) -> int:
        """Give the descriptor of its top directory, an O_PATH one, of which this is the owner."""
        return self._fd

    def observe(self, path: str) -> None:
        """Tell the observer of a path that is read by other means."""
        if self._observe:
            self._observe(path)

    def open(self, path: str, limit: int = LIMIT) -> io.BufferedReader:
        """Open a regular file for reading; the reader raises LimitReached past limit bytes.

        NotAFile for anything but a regular file, which is never opened: a FIFO would block, and a
        device may act on being opened.
        """
        fd = self._open_regular(path)
        return io.BufferedReader(Limited(fd, limit, path), 128 * 1024)

    def read(self, path: str, limit: int = LIMIT) -> bytes:
        """Read a whole regular file; LimitReached when it is longer than limit bytes."""
        fd = self._open_regular(path)
        try:
            content = read_all(fd, limit, path)
        finally:
            os.close(fd)
        return content

    def lines(self, path: str, limit: int = LIMIT) -> Iterator[bytes]:
        """Give the lines of a regular file without their ends; LimitReached as in open."""
        with self.open(path, limit) as reader:
            while line := reader.readline(_LINE):
                if len(line) == _LINE and not line.endswith(b"\n"):
                    raise LimitReached(f"{path}: a line is longer than {_LINE} bytes")
                yield line.rstrip(b"\r\n")

    def blocks(self, path: str, limit: int = LIMIT) -> Blocks:
        """Open a regular file for reading at offsets; LimitReached past limit bytes in all."""
        return Blocks(self._open_regular(path), path, limit)

    def stat(self, path: str, follow: bool = True) -> os.stat_result:
        """Give the status of a path; of the link itself when follow is false."""
        fd = self._open(path, os.O_PATH if follow else os.O_PATH | os.O_NOFOLLOW)
        try:
            return os.fstat(fd)
        finally:
            os.close(fd)

    def exists(self, path: str) -> bool:
        """Tell whether a path leads to anything; an error other than absence is raised."""
        try:
            self.stat(path)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    def link(self, path: str) -> str:
        """Give the target of a symbolic link as it is written."""
        fd = self._open(path, os.O_PATH | os.O_NOFOLLOW)
        try:
            return os.readlink("", dir_fd=fd)
        finally:
            os.close(fd)

    def names(self, path: str) -> list[str]:
        """Give the names in a directory, sorted; LimitReached when there are too many."""
        with self.directory(path) as directory:
            return directory.names()

    def directory(self, path: str) -> Directory:
        """Open a directory, for cheap work on many of its files."""
        return Directory(self._open(path, os.O_RDONLY | os.O_DIRECTORY), path, self._observe)

    def glob(self, pattern: str) -> Iterator[str]:
        """Give the existing paths that match a pattern, sorted; a directory that is absent matches nothing.

        A star does not match a leading dot and no pattern matches a slash, as in glob(7).
        """
        parts = [part for part in pattern.split("/") if part]
        return self._glob("", parts)

    def at(self, path: str) -> HostRoot:
        """Give the tree below a directory of this one, out of which nothing leads either."""
        fd = self._open(path, os.O_PATH | os.O_DIRECTORY)
        try:
            tree = HostRoot(f"/proc/self/fd/{fd}", _observe_below(path, self._observe), self._in_kernel)
        finally:
            os.close(fd)
        tree.path = _joined(self.path, path)
        return tree

    def _glob(self, folder: str, parts: list[str]) -> Iterator[str]:
        if not parts:
            yield folder
            return
        head, rest = parts[0], parts[1:]
        if not any(sign in head for sign in "*?["):
            if rest or self.exists(f"{folder}/{head}"):
                yield from self._glob(f"{folder}/{head}", rest)
            return
        matches = regex(translate(head)).match
        try:
            names = self.names(folder or "/")
        except (FileNotFoundError, NotADirectoryError):
            return
        for name in names:
            if matches(name) and (not name.startswith(".") or head.startswith(".")):
                yield from self._glob(f"{folder}/{name}", rest)

    def _open(self, path: str, flags: int) -> int:
        self.observe(path)
        return self._resolver.open(os.fsencode(path), flags)

    def _open_regular(self, path: str) -> int:
        """Open for reading only what is seen, before it is opened, to be a regular file."""
        handle = self._open(path, os.O_PATH)
        try:
            require_regular(os.fstat(handle).st_mode, path)
            return os.open(f"/proc/self/fd/{handle}", os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        finally:
            os.close(handle)


def _joined(folder: str, path: str) -> str:
    return f"{folder.rstrip('/')}/{path.strip('/')}"


def _observe_below(folder: str, observe: Callable[[str], None] | None) -> Callable[[str], None] | None:
    """Let what is read below a folder be observed under its whole path."""
    return observe and (lambda path: observe(_joined(folder, path)))
