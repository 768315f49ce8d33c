"""Mounts of a mount namespace, from mountinfo of proc(5)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ESCAPE = re.compile(rb"\\([0-7]{3})")


class Mount(NamedTuple):
    """One mount.

    root: What of the file system is mounted, for nsfs the namespace, for example net:[4026532177].
    point: Where it is mounted, below the root of the process.
    file_system: Type of the file system.
    id: Number of the mount, the same for all processes.
    parent: Number of the mount that it is mounted on.
    device: Major and minor number of the file system, written 8:1.
    options: Options of the mount itself, parted by commas, as nosuid; those of the file system are not among them.
    """

    root: str
    point: str
    file_system: str
    id: int
    parent: int
    device: str
    options: str = ""


def mounts(lines: Iterable[bytes]) -> Iterator[Mount]:
    """Give the mounts; ValueError at the end when lines were malformed."""
    malformed = 0
    for line in lines:
        before, separator, after = line.partition(b" - ")
        fields = before.split(b" ")
        if not separator or len(fields) < 6 or not (fields[0].isdigit() and fields[1].isdigit()):
            malformed += 1
            continue
        identity, parent, device, root, point, options = fields[:6]
        file_system = _text(after.split(b" ")[0])
        numbers = _number(identity), _number(parent)
        yield Mount(_text(root), _text(point), file_system, *numbers, _text(device), options.decode("utf-8", "replace"))
    if malformed:
        raise ValueError(f"{malformed} malformed lines")


def _number(digits: bytes) -> int:
    """Read a number, of which the kernel's have ten digits at most; int() refuses to read very long ones."""
    return int(digits[:20])


def _text(field: bytes) -> str:
    r"""Undo the kernel's escapes of white space and backslash: \040."""
    plain = _ESCAPE.sub(lambda match: bytes((int(match.group(1), 8) & 0xFF,)), field)
    return plain.decode("utf-8", "surrogateescape")
