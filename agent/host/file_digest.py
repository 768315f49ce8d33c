"""SHA-256 of whole files, which may change while they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.host.errors import LimitReached
from agent.model.digest import sha256

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from agent.host.found import Found

_BLOCK = 256 * 1024
_ATTEMPTS = 2
_MUCH = 64 * 1024 * 1024
"""Bytes to read from which on OpenSSL's faster SHA-256 is worth the 3 MiB and milliseconds that loading it takes."""


class Changing(Exception):
    """The file changed whenever it was read."""


class FileDigests:
    """Digests of files.

    expected: Bytes that will be read of all of them, about.
    limit: Bytes that one file may have.
    """

    def __init__(self, expected: int, limit: int) -> None:
        self._limit = limit
        self._hasher = _hasher(expected)
        self._buffer = bytearray(_BLOCK)

    def sha256(self, found: Found) -> str:
        """Give the hexadecimal digest; Changing, LimitReached where the file is too long, OSError as the kernel's."""
        for _ in range(_ATTEMPTS):
            before = found.status()
            digest = self._read(found, before.st_size)
            after = found.status()
            if (before.st_size, before.st_mtime_ns, before.st_ctime_ns) == (
                after.st_size,
                after.st_mtime_ns,
                after.st_ctime_ns,
            ):
                return digest
        raise Changing(f"it changed during each of {_ATTEMPTS} readings")

    def _read(self, found: Found, size: int) -> str:
        if size > self._limit:
            raise LimitReached(f"longer than {self._limit} bytes")
        hasher = self._hasher()
        view = memoryview(self._buffer)
        offset = 0
        while offset <= size:  # one that grows meanwhile is read to where it ended
            count = found.read_into(self._buffer, offset)
            if not count:
                break
            hasher.update(view[:count])
            offset += count
        return str(hasher.hexdigest())


def _hasher(expected: int) -> Callable[[], Any]:
    if expected < _MUCH:
        return sha256  # type: ignore[no-any-return]
    from hashlib import sha256 as fast  # noqa: PLC0415 - see _MUCH

    return fast
