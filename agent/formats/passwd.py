"""Users of etc/passwd (passwd(5))."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def users(lines: Iterable[bytes]) -> Iterator[tuple[int, str]]:
    """Give user id and name of each line; lines that are no users (comments, NIS) are passed over."""
    for line in lines:
        fields = line.split(b":")
        if len(fields) == 7 and fields[0] and fields[2].isdigit() and len(fields[2]) <= 10:
            yield int(fields[2]), fields[0].decode("utf-8", "surrogateescape")


def homes(lines: Iterable[bytes]) -> Iterator[tuple[str, str]]:
    """Give name and home directory of each user that has one, an absolute path other than the root."""
    for line in lines:
        fields = line.split(b":")
        if len(fields) == 7 and fields[0] and fields[5].startswith(b"/") and fields[5].strip(b"/"):
            home = fields[5].rstrip(b"/")
            yield fields[0].decode("utf-8", "surrogateescape"), home.decode("utf-8", "surrogateescape")
