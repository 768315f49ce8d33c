"""Groups of etc/group (group(5))."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def groups(lines: Iterable[bytes]) -> Iterator[tuple[int, str]]:
    """Give group id and name of each line; lines that are no groups (comments, NIS) are passed over."""
    for line in lines:
        fields = line.split(b":")
        if len(fields) == 4 and fields[0] and fields[2].isdigit() and len(fields[2]) <= 10:
            yield int(fields[2]), fields[0].decode("utf-8", "surrogateescape")
