"""Events as the kernel writes them for a fanotify group that names directories by file handles, or opens files (fanotify(7))."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

MODIFY = 0x2
ATTRIBUTES = 0x4
CLOSE_WRITE = 0x8
MOVED_FROM = 0x40
MOVED_TO = 0x80
CREATE = 0x100
DELETE = 0x200
OPEN = 0x20
OPEN_EXEC = 0x1000
OVERFLOW = 0x4000
"""The queue was full, and events are lost."""
ON_DIRECTORY = 0x40000000
"""What it happened to is a directory."""

ITSELF = b"."
"""Stands for the directory itself in place of a name in it."""

_METADATA = struct.Struct("=IBBHQii")
"""struct fanotify_event_metadata: length, version, reserved, length of this, mask, descriptor, process."""
_VERSION = 3
_HEADER = struct.Struct("=BBH")
"""struct fanotify_event_info_header: type, padding, length with this."""
_NAMES_DIRECTORY = (2, 3)
"""FAN_EVENT_INFO_TYPE_DFID_NAME and FAN_EVENT_INFO_TYPE_DFID."""
_HANDLE_AT = 12
"""Of such a record: the header and the number of the file system come first."""
_HANDLE = struct.Struct("=Ii")
"""struct file_handle, without its bytes: their number, type."""


class Event(NamedTuple):
    """What happened to a name in a directory; the kernel may merge what one process does to one name.

    mask: What happened, the constants of this module.
    pid: Process that did it; 0 where the kernel does not say.
    directory: Number of the file system (8 bytes), and the directory's handle as open_by_handle_at(2) takes it; empty
        where none is named.
    name: Name in the directory, or ITSELF.
    """

    mask: int
    pid: int
    directory: bytes
    name: bytes


def events(buffer: bytes) -> Iterator[Event]:
    """Give the events of what was read at once; ValueError where it is malformed."""
    at = 0
    while at < len(buffer):
        if len(buffer) - at < _METADATA.size:
            raise ValueError("an event is cut off")
        length, version, _, start, mask, _, pid = _METADATA.unpack_from(buffer, at)
        if version != _VERSION:
            raise ValueError(f"events of version {version}")
        if not _METADATA.size <= start <= length <= len(buffer) - at:
            raise ValueError("an event's lengths do not fit")
        directory, name = _entry(buffer, at + start, at + length)
        yield Event(mask, pid, directory, name)
        at += length


class Open(NamedTuple):
    """That a file was opened.

    mask: OPEN, OPEN_EXEC, or OVERFLOW, of which nothing more is known.
    fd: A descriptor of it, ours to close; negative where there is none.
    pid: Process that opened it; 0 where the kernel does not say.
    """

    mask: int
    fd: int
    pid: int


def opens(buffer: bytes) -> Iterator[Open]:
    """Give the events of a group that hands out descriptors; ValueError where what was read is malformed."""
    at = 0
    while at < len(buffer):
        if len(buffer) - at < _METADATA.size:
            raise ValueError("an event is cut off")
        length, version, _, _, mask, fd, pid = _METADATA.unpack_from(buffer, at)
        if version != _VERSION or not _METADATA.size <= length <= len(buffer) - at:
            raise ValueError("an event is of another version, or its length does not fit")
        yield Open(mask, fd, pid)
        at += length


def _entry(buffer: bytes, at: int, end: int) -> tuple[bytes, bytes]:
    """Find the record that names the directory among those of an event."""
    while end - at >= _HEADER.size:
        kind, _, length = _HEADER.unpack_from(buffer, at)
        if not _HEADER.size <= length <= end - at:
            raise ValueError("a record's length does not fit")
        if kind in _NAMES_DIRECTORY:
            return _directory(buffer, at, at + length)
        at += length
    return b"", b""


def _directory(buffer: bytes, at: int, end: int) -> tuple[bytes, bytes]:
    if end - at < _HANDLE_AT + _HANDLE.size:
        raise ValueError("a file handle is cut off")
    size, _ = _HANDLE.unpack_from(buffer, at + _HANDLE_AT)
    name_at = at + _HANDLE_AT + _HANDLE.size + size
    if name_at > end:
        raise ValueError("a file handle is cut off")
    return buffer[at + _HEADER.size : name_at], buffer[name_at:end].partition(b"\0")[0]
