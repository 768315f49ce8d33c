"""Serialised values of GLib, as far as flatpak's files need them (GVariant Specification 1.0).

Values of no fixed size end where framing offsets say, little-endian numbers at the end of their
container that are as wide as its size needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_ALIGNED = 8


def text(value: bytes) -> str:
    """Read a string (s); ValueError when it is none."""
    if not value.endswith(b"\0") or b"\0" in value[:-1]:
        raise ValueError("a string ends with its only null character")
    return value[:-1].decode("utf-8", "surrogateescape")


def ends(container: bytes, count: int) -> list[int]:
    """Give the ends of a tuple's members of no fixed size: those of the first, which are noted, and that of the last."""
    width = _width(len(container))
    start = len(container) - count * width
    if start < 0:
        raise ValueError("it is shorter than the ends of its members")
    noted = [_number(container, start + place * width, width) for place in range(count)]
    found = [0, *reversed(noted), start]
    if found != sorted(found):
        raise ValueError("its members end before they begin")
    return found[1:]


def aligned(offset: int) -> int:
    """Give where a member of eight bytes, a variant or a dictionary of variants begins that follows an offset."""
    return -(-offset // _ALIGNED) * _ALIGNED


def texts(dictionary: bytes) -> Iterator[tuple[str, str]]:
    """Give the entries of a dictionary of strings and variants (a{sv}) that are strings; ValueError at a broken one."""
    start = 0
    for end in _element_ends(dictionary):
        if end < start:
            raise ValueError("its elements end before they begin")
        element = dictionary[start:end]
        start = aligned(end)
        key_end, value_end = ends(element, 1)
        value, _, kind = element[aligned(key_end) : value_end].rpartition(b"\0")
        if kind == b"s":
            yield text(element[:key_end]), text(value)


def _element_ends(array: bytes) -> Iterator[int]:
    """Give the ends of an array's elements; the last one's is where the ends themselves begin."""
    if not array:
        return
    width = _width(len(array))
    first = _number(array, len(array) - width, width) if len(array) >= width else len(array)
    if first > len(array) - width or (len(array) - first) % width:
        raise ValueError("the ends of its elements are none")
    for place in range(first, len(array), width):
        yield _number(array, place, width)


def _width(size: int) -> int:
    """Give the width of a container's framing offsets, of which the smallest that can say its size is used."""
    return next(width for width in (1, 2, 4, 8) if size < 1 << 8 * width)


def _number(content: bytes, start: int, width: int) -> int:
    return int.from_bytes(content[start : start + width], "little")
