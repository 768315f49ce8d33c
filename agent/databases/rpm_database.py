"""The one rpm database that counts of those that a root has, open: its headers, as they are at one moment."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from agent.formats.read_at import of
from agent.formats.rpm_header import Header
from agent.formats.rpmdb import VALUES_LIMIT, Damaged
from agent.host.errors import LimitReached, Unsettled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agent.formats.read_at import ReadAt
    from agent.formats.rpmdb import Value
    from agent.host.blocks import Blocks
    from agent.host.root import HostRoot

DIRECTORIES = ("/usr/lib/sysimage/rpm", "/var/lib/rpm", "/usr/share/rpm")
"""Where databases are: where an image is built (Fedora 36, SUSE), everywhere else, and on rpm-ostree; mostly one is a
link to another. The first that lists packages counts, for what lies in an older place was left behind."""
SQLITE, NDB, BERKELEY = "rpmdb.sqlite", "Packages.db", "Packages"
LOG = "-wal"

_TIMES = 16
"""How often its size may be read of a file, which is more than its structure takes where pages are used but once."""
_SLACK = 1024 * 1024


class Database:
    """A database that is open for reading; nothing of it is locked or written.

    path: Its file, below the root.
    """

    def __init__(self, root: HostRoot, path: str) -> None:
        """Open it: OSError, LimitReached or Damaged where that fails."""
        self.path = path
        self._root = root
        self._logged = path.endswith(SQLITE)
        self._open = ExitStack()
        self._before = self._marks()
        try:
            self._values = self._reader()
        except BaseException:
            self._open.close()
            raise

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def is_empty(self) -> bool:
        """Tell whether it lists nothing."""
        return next(self._values(), None) is None

    def headers(self, ahead: int) -> Iterator[Header | Damaged]:
        """Give the headers, of each of which so many bytes are read at first; in the place of one that cannot be read, why.

        OSError, LimitReached or Damaged where the database itself cannot be read any further, or not all of it was.
        """
        left = sum(mark.size for mark in self._before if mark) * _TIMES + _SLACK
        for number, value in enumerate(self._values()):
            if number == VALUES_LIMIT or left < 0:
                raise LimitReached(f"{self.path}: more than {VALUES_LIMIT} packages, or many in the place of one")
            try:
                header = Header(value, ahead)
            except Damaged as error:
                yield error
            else:
                left -= header.ahead
                yield header

    def require_unchanged(self) -> None:
        """Raise Unsettled where the database was written to since it was opened."""
        if self._marks() != self._before:
            raise Unsettled("the database of rpm was written to while it was read")

    def _reader(self) -> Callable[[], Iterator[Value]]:
        """Give what gives the values; the module of the one format is loaded."""
        if self._logged:
            return self._sqlite()
        module = "rpmdb_ndb" if self.path.endswith(NDB) else "rpmdb_bdb"
        blocks = self._blocks(self.path)
        return partial(import_module(f"agent.formats.{module}").values, blocks.read_at, blocks.size)

    def _sqlite(self) -> Callable[[], Iterator[Value]]:
        from agent.formats import rpmdb_sqlite  # noqa: PLC0415
        from agent.formats.sqlite_pages import Pages  # noqa: PLC0415

        log: tuple[ReadAt, int] = (of(b""), 0)
        if self._before[1]:
            blocks = self._blocks(self.path + LOG)
            log = blocks.read_at, blocks.size
        blocks = self._blocks(self.path)
        return partial(rpmdb_sqlite.values, Pages(blocks.read_at, blocks.size, *log))

    def _blocks(self, path: str) -> Blocks:
        limit = self._root.stat(path).st_size * _TIMES + _SLACK
        return self._open.enter_context(self._root.blocks(path, limit))

    def _marks(self) -> tuple[_Mark | None, _Mark | None]:
        """Look what its files are; the second is the log."""
        return _mark(self._root, self.path), _mark(self._root, self.path + LOG) if self._logged else None


class _Mark(NamedTuple):
    device: int
    inode: int
    size: int
    modified: int
    changed: int


def found(root: HostRoot) -> list[str]:
    """Give the database files of a root, those that count before others first; OSError when that cannot be seen."""
    paths = (f"{folder}/{name}" for folder in DIRECTORIES for name in (SQLITE, NDB, BERKELEY))
    return [path for path in paths if root.exists(path)]


def _mark(root: HostRoot, path: str) -> _Mark | None:
    """Look what a file is; None where it is absent."""
    try:
        status = root.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return _Mark(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
