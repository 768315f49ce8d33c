"""Who made an OpenPGP signature (RFC 4880, RFC 9580): the id of the key, from the signature packet."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIGNATURE = 2
"""Tag of signature packets."""
_ISSUER_KEY, _ISSUER_FINGERPRINT = 16, 33
"""Types of subpackets."""


def issuer(packet: bytes) -> str | None:
    """Give the id of the key that made a signature, 16 hexadecimal digits; None where it does not say.

    ValueError where the bytes are no signature packet.
    """
    try:
        return _issuer(_body(packet))
    except (IndexError, struct.error):
        raise ValueError("the signature is cut off") from None


def _issuer(body: bytes) -> str | None:
    version = body[0]
    if version in (2, 3):
        return _hexadecimal(body[7:15])
    if version not in (4, 5, 6):
        raise ValueError("the signature is of an unknown version")
    found: dict[int, bytes] = {}
    for kind, content in _subpackets(body, "L" if version == 6 else "H"):
        found.setdefault(kind, content)
    if _ISSUER_KEY in found:
        return _hexadecimal(found[_ISSUER_KEY][:8])
    if _ISSUER_FINGERPRINT in found:
        fingerprint = found[_ISSUER_FINGERPRINT][1:]
        return _hexadecimal(fingerprint[-8:] if len(fingerprint) == 20 else fingerprint[:8])
    return None


def _hexadecimal(key: bytes) -> str:
    if len(key) != 8:
        raise ValueError("the signature's key has no id of eight bytes")
    return key.hex()


def _body(packet: bytes) -> bytes:
    """Take the header off a packet (RFC 9580, 4.2)."""
    first = packet[0]
    if first & 0xC0 == 0xC0:
        kind, (length, start) = first & 0x3F, _length(packet, 1)
    elif first & 0x80:
        kind, width = first >> 2 & 0x0F, 1 << (first & 3)
        length, start = int.from_bytes(packet[1 : 1 + width], "big"), 1 + width
    else:
        raise ValueError("it is no OpenPGP packet")
    if kind != _SIGNATURE:
        raise ValueError("the OpenPGP packet is no signature")
    return packet[start : start + length]


def _length(content: bytes, place: int) -> tuple[int, int]:
    """Read a length of one, two or five bytes (4.2.1.1): the length and the place behind it."""
    first = content[place]
    if first < 192:
        return first, place + 1
    if first < 255:
        return ((first - 192) << 8) + content[place + 1] + 192, place + 2
    return struct.unpack_from(">L", content, place + 1)[0], place + 5


def _subpackets(body: bytes, width: str) -> Iterator[tuple[int, bytes]]:
    """Give the subpackets of a signature, the hashed ones first (5.2.3.7)."""
    start = 4
    for _ in range(2):
        size = struct.calcsize(f">{width}")
        end = start + size + struct.unpack_from(f">{width}", body, start)[0]
        place = start + size
        while place < end:
            length, place = _length(body, place)
            yield body[place] & 0x7F, body[place + 1 : place + length]
            place += max(length, 1)
        start = end
