"""Netlink's framing: messages in datagrams, and the attributes behind a message's own structure (netlink(7))."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_HEADER = struct.Struct("=IHHII")
"""struct nlmsghdr: length with the header, type, flags, sequence number, port."""
_ATTRIBUTE = struct.Struct("=HH")
"""struct nlattr: length with the header, type."""
_ERROR, _DONE = 2, 3
_REQUEST_DUMP = 0x301


def request(kind: int, question: bytes) -> bytes:
    """Give the datagram that asks for all there is of a kind."""
    return _HEADER.pack(_HEADER.size + len(question), kind, _REQUEST_DUMP, 1, 0) + question


def answers(datagrams: Iterable[bytes]) -> Iterator[bytes]:
    """Give what the messages of an answer hold; ValueError when they are refusals, malformed or not complete."""
    for datagram in datagrams:
        at = 0
        while at < len(datagram):
            try:
                length, kind, *_ = _HEADER.unpack_from(datagram, at)
            except struct.error as error:
                raise ValueError(f"malformed answer: {error}") from None
            if length < _HEADER.size:
                raise ValueError("malformed answer: a message shorter than its header")
            if kind == _DONE:
                return
            if kind == _ERROR:
                raise ValueError("the kernel refused the request")
            yield datagram[at + _HEADER.size : at + length]
            at += _aligned(length)
    raise ValueError("the last answer is missing")


def attributes(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Give the type and value of each attribute; ValueError when they are malformed."""
    at = 0
    while at < len(content):
        try:
            length, kind = _ATTRIBUTE.unpack_from(content, at)
        except struct.error as error:
            raise ValueError(f"malformed answer: {error}") from None
        if length < _ATTRIBUTE.size:
            raise ValueError("malformed answer: an attribute shorter than its header")
        yield kind, content[at + _ATTRIBUTE.size : at + length]
        at += _aligned(length)


def _aligned(length: int) -> int:
    return (length + 3) & ~3
