"""The body of a request, from the network to plain bytes: every step has its limit."""

from __future__ import annotations

import asyncio
import base64
import binascii
import zlib
from hashlib import sha256
from typing import TYPE_CHECKING

from backend.errors import Refused

if TYPE_CHECKING:
    from starlette.requests import Request

LARGEST_PART = 1024 * 1024
"""Bytes of a report's body as it is sent."""

LARGEST_PLAIN = 32 * 1024 * 1024
"""Bytes of a report's body once it is decompressed."""

LARGEST_RATIO = 200
"""Records compress about 30 to 1; beyond a first MiB, more than this is an attack."""

SLOWEST = 30.0
"""Seconds within which a body must have come."""


async def read_body(request: Request, limit: int) -> bytes:
    """Take a body in; Refused with 413 beyond the limit, 408 when it comes too slowly."""
    try:
        async with asyncio.timeout(SLOWEST):
            return await _limited(request, limit)
    except TimeoutError:
        raise Refused(408, f"the body did not come within {SLOWEST:.0f} s", "send it again") from None


def check_digest(header: str | None, body: bytes) -> None:
    """Compare a body with its Content-Digest (RFC 9530), when it has one with SHA-256; 400 when they differ."""
    for member in (header or "").split(","):
        algorithm, _, value = member.strip().partition("=")
        if algorithm.lower() == "sha-256" and _byte_sequence(value) != sha256(body).digest():
            raise Refused(400, "the body does not match its Content-Digest", "send it again")


def checked_encoding(header: str | None) -> bool:
    """Tell from Content-Encoding whether a body is compressed; 415 for anything but gzip and identity."""
    encoding = (header or "identity").strip().lower()
    if encoding not in ("gzip", "identity"):
        raise Refused(415, "the Content-Encoding is not supported", "send gzip or identity")
    return encoding == "gzip"


def decompress(body: bytes) -> bytes:
    """Undo gzip; Refused with 400 for what is not one whole gzip member or grows beyond all proportion."""
    limit = min(LARGEST_PLAIN, max(LARGEST_PART, LARGEST_RATIO * len(body)))
    stream = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        plain = stream.decompress(body, limit + 1)
    except zlib.error:
        raise Refused(400, "the body is not gzip", "compress it, or send it without Content-Encoding") from None
    if len(plain) > limit:
        raise Refused(400, f"the body decompresses to more than {limit} bytes", "send the section in smaller parts")
    if not stream.eof or stream.unused_data:
        raise Refused(400, "the body is not one whole gzip member", "send it again")
    return plain


async def _limited(request: Request, limit: int) -> bytes:
    too_large = Refused(413, f"the body is larger than {limit} bytes", "send the section in smaller parts")
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > limit:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise too_large
    return bytes(body)


def _byte_sequence(value: str) -> bytes:
    """Read an RFC 8941 byte sequence, base64 between colons; anything else equals no digest."""
    try:
        return base64.b64decode(value.strip().strip(":"), validate=True)
    except (binascii.Error, ValueError):
        return b""
