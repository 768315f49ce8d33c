"""The pages of an SQLite database as of its last commit: those of its file, and those of its log laid over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.formats.rpmdb import Damaged
from agent.formats.sqlite_wal import committed

if TYPE_CHECKING:
    from agent.formats.read_at import ReadAt

_HEADER_BYTES = 100
_UTF_8 = 1


class Pages:
    """Gives pages by their numbers, which begin with 1.

    size: Bytes of a page.
    usable: Bytes of a page that the database uses; the rest is for extensions.
    count: Pages that the file and its log have at most.
    """

    def __init__(self, read_at: ReadAt, size: int, log: ReadAt, log_size: int) -> None:
        """Take a database file and its log, each with its size in bytes; an absent log has none.

        Damaged where it is no SQLite database.
        """
        self._read_at = read_at
        self._log = log
        start = read_at(0, _HEADER_BYTES)
        self.size = _page_size(start)
        self._logged = committed(log, log_size, self.size)
        if 1 in self._logged:
            start = log(self._logged[1], _HEADER_BYTES)
        self.usable = self.size - start[20]
        self.count = size // self.size + len(self._logged)
        if _page_size(start) != self.size or self.usable < 480:
            raise Damaged("the SQLite database has pages of an impossible size")
        if int.from_bytes(start[56:60], "big") != _UTF_8:
            raise Damaged("the text of the SQLite database is not UTF-8")

    def page(self, number: int) -> bytes:
        """Give one page; Damaged where there is none of that number."""
        content = self.run(number, 1)
        if len(content) < self.size:
            raise Damaged("a page of the SQLite database is missing")
        return content

    def run(self, number: int, count: int) -> bytes:
        """Give one page and at most so many, less one, behind it: as many as lie in one piece, fewer at the end."""
        if number in self._logged:
            return self._log(self._logged[number], self.size)
        if self._logged:
            count = next((ahead for ahead in range(1, count) if number + ahead in self._logged), count)
        return self._read_at((number - 1) * self.size, count * self.size) if number > 0 else b""


def _page_size(start: bytes) -> int:
    """Give the size of a page from the header of a database (section 1.3), where 1 stands for 65,536."""
    if len(start) < _HEADER_BYTES or not start.startswith(b"SQLite format 3\0"):
        raise Damaged("it is no SQLite database")
    size = int.from_bytes(start[16:18], "big")
    size = 65536 if size == 1 else size
    if size < 512 or size & (size - 1):
        raise Damaged("the SQLite database has pages of an impossible size")
    return size
