"""Listening Unix sockets as the kernel tells them by netlink: a request, and the answers to it (sock_diag(7))."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from agent.formats.proc_net import UnixSocket

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_HEADER = struct.Struct("=IHHII")
"""struct nlmsghdr: length with the header, type, flags, sequence number, port."""
_QUESTION = struct.Struct("=BBHIIIII")
"""struct unix_diag_req: family, protocol, padding, states, inode, what to show, cookie."""
_SOCKET = struct.Struct("=BBBBIII")
"""struct unix_diag_msg: family, type, state, padding, inode, cookie."""
_ATTRIBUTE = struct.Struct("=HH")
"""struct nlattr: length with the header, type."""
_ERROR, _DONE, _BY_FAMILY = 2, 3, 20
_REQUEST_DUMP = 0x301
_UNIX = 1
_STREAM = 1
_LISTEN = 10
_SHOW_NAME = 1
_NAME = 0

REQUEST = _HEADER.pack(_HEADER.size + _QUESTION.size, _BY_FAMILY, _REQUEST_DUMP, 1, 0) + _QUESTION.pack(
    _UNIX, 0, 0, 1 << _LISTEN, 0, _SHOW_NAME, 0xFFFFFFFF, 0xFFFFFFFF
)
"""Asks for the names of all Unix sockets that listen."""


def listeners(datagrams: Iterable[bytes]) -> Iterator[UnixSocket]:
    """Give the stream sockets that have a name; ValueError when the answers are refusals, malformed or not complete."""
    try:
        for kind, body in _messages(datagrams):
            if kind == _DONE:
                return
            if kind == _ERROR:
                raise ValueError("the kernel refused the request")
            _, form, state, _, inode, *_ = _SOCKET.unpack_from(body)
            name = _name(body[_SOCKET.size :])
            if name and (form, state) == (_STREAM, _LISTEN):
                yield UnixSocket(name, inode)
    except struct.error as error:
        raise ValueError(f"malformed answer: {error}") from None
    raise ValueError("the last answer is missing")


def _messages(datagrams: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    for datagram in datagrams:
        at = 0
        while at < len(datagram):
            length, kind, *_ = _HEADER.unpack_from(datagram, at)
            if length < _HEADER.size:
                raise ValueError("malformed answer: a message shorter than its header")
            yield kind, datagram[at + _HEADER.size : at + length]
            at += _aligned(length)


def _name(attributes: bytes) -> str | None:
    """Give the name as net/unix writes it: of an abstract one every zero byte is an @."""
    at = 0
    while at < len(attributes):
        length, kind = _ATTRIBUTE.unpack_from(attributes, at)
        if length < _ATTRIBUTE.size:
            raise ValueError("malformed answer: an attribute shorter than its header")
        if kind == _NAME:
            name = attributes[at + _ATTRIBUTE.size : at + length]
            path = name.replace(b"\0", b"@") if name.startswith(b"\0") else name.rstrip(b"\0")
            return path.decode("utf-8", "surrogateescape")
        at += _aligned(length)
    return None


def _aligned(length: int) -> int:
    return (length + 3) & ~3
