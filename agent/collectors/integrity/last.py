"""The last snapshot of the section: its files as a stream beside the walk, and all else that it holds, which is little."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from agent.model.codec import decode, original
from agent.model.records import File, IntegrityScan
from agent.model.snapshot import read_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.model.spec import Options

_FILE = b'"/'
"""What keys of files start with; all other keys of the section start with a letter and so come behind them."""


class Rest(NamedTuple):
    """What the last snapshot holds beside files.

    exists: Whether there is one.
    scan: What the last scan covered; None where that is not known.
    changes: Keys of the changes, oldest first.
    gaps: Keys of the gaps, with what each of them hides.
    """

    exists: bool
    scan: IntegrityScan | None
    changes: tuple[str, ...]
    gaps: dict[str, str | None]


def rest(options: Options) -> Rest:
    """Read what is no file."""
    exists = False
    scan = None
    changes: list[str] = []
    gaps: dict[str, str | None] = {}
    for stored in options.lines():
        exists = True
        if not stored.startswith(_FILE):
            line = read_line(stored)
            key = key_of(stored)
            if key == "scan":
                scan = _scan(line.stable, line.volatile)
            elif key.startswith("change/"):
                changes.append(key)
            elif key.startswith("gap:"):
                gaps[key] = json.loads(line.stable)["hides"]
    return Rest(exists, scan, tuple(changes), gaps)


def files(options: Options) -> Iterator[bytes]:
    """Give the lines of files as they are stored."""
    for stored in options.lines():
        if not stored.startswith(_FILE):
            return
        yield stored


def key_of(stored: bytes) -> str:
    """Give the key of a stored line."""
    return original(json.loads(stored.partition(b"\t")[0]))


def file_of(stored: bytes) -> File | None:
    """Decode the line of a file; None where another version wrote what this one does not know."""
    line = read_line(stored)
    try:
        found = decode(line.stable, line.volatile)
    except ValueError:
        return None
    return found if isinstance(found, File) else None


def _scan(stable: bytes, volatile: bytes) -> IntegrityScan | None:
    try:
        found = decode(stable, volatile)
    except ValueError:
        return None
    return found if isinstance(found, IntegrityScan) else None
