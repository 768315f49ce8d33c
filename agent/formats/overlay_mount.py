"""The root of a process as its mountinfo describes it, and the layers of an overlay (proc(5), kernel overlayfs.rst)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

_ESCAPE = re.compile(rb"\\([0-7]{3})")


class RootMount(NamedTuple):
    """What is mounted as the root of a process.

    file_system: Type of the file system.
    read_only: Whether the mount or the file system is read-only.
    device: Major and minor number of the file system, written 8:1.
    root: Path of what is mounted within its file system.
    lower: Of an overlay the directories of its layers, the topmost first, as who mounted it wrote them.
    upper: Of an overlay the directory that changes go to; None for a read-only one.
    """

    file_system: str
    read_only: bool
    device: str
    root: str
    lower: tuple[str, ...] = ()
    upper: str | None = None


def root_mount(lines: Iterable[bytes]) -> RootMount | None:
    """Give the mount at / that lies over all others there; None when the lines have none."""
    found = None
    for line in lines:
        before, separator, after = line.partition(b" - ")
        fields = before.split(b" ", 6)
        if separator and len(fields) > 5 and fields[4] == b"/":
            found = fields, after.split(b" ", 2)
    return _read(*found) if found else None


def _read(fields: list[bytes], kind: list[bytes]) -> RootMount:
    options = _options(kind[2]) if len(kind) > 2 else []
    read_only = b"ro" in fields[5].split(b",") or any(name == b"ro" for name, _ in options)
    mount = RootMount(
        kind[0].decode("utf-8", "replace"), read_only, fields[2].decode("utf-8", "replace"), _plain(fields[3])
    )
    if mount.file_system != "overlay":
        return mount
    lower: list[str] = []
    upper = None
    for name, value in options:
        if name == b"lowerdir":
            lower += (_path(each) for each in re.split(rb"(?<!\\):", _octal(value)) if each)
        elif name in (b"lowerdir+", b"datadir+"):
            lower.append(_path(_octal(value)))
        elif name == b"upperdir":
            upper = _path(_octal(value))
    return mount._replace(lower=tuple(lower), upper=upper)


def _options(text: bytes) -> list[tuple[bytes, bytes]]:
    r"""Split the options; the kernel writes a comma within a value as \054."""
    parts = []
    for option in text.split(b","):
        name, _, value = option.partition(b"=")
        parts.append((name, value))
    return parts


def _path(value: bytes) -> str:
    """Undo the escapes with which overlay itself writes colons and commas in paths."""
    return re.sub(rb"\\([:,\\])", rb"\1", value).decode("utf-8", "surrogateescape")


def _plain(value: bytes) -> str:
    return _octal(value).decode("utf-8", "surrogateescape")


def _octal(value: bytes) -> bytes:
    return _ESCAPE.sub(lambda match: bytes((int(match.group(1), 8) & 0xFF,)), value)
