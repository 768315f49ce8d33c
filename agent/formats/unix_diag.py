"""Listening Unix sockets as the kernel tells them by netlink: a request, and the answers to it (sock_diag(7))."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from agent.formats.netlink import answers, attributes, request
from agent.formats.proc_net import UnixSocket

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_QUESTION = struct.Struct("=BBHIIIII")
"""struct unix_diag_req: family, protocol, padding, states, inode, what to show, cookie."""
_SOCKET = struct.Struct("=BBBBIII")
"""struct unix_diag_msg: family, type, state, padding, inode, cookie."""
_BY_FAMILY = 20
_UNIX = 1
_STREAM = 1
_LISTEN = 10
_SHOW_NAME = 1
_NAME = 0

REQUEST = request(_BY_FAMILY, _QUESTION.pack(_UNIX, 0, 0, 1 << _LISTEN, 0, _SHOW_NAME, 0xFFFFFFFF, 0xFFFFFFFF))
"""Asks for the names of all Unix sockets that listen."""


def listeners(datagrams: Iterable[bytes]) -> Iterator[UnixSocket]:
    """Give the stream sockets that have a name; ValueError when the answers are refusals, malformed or not complete."""
    for body in answers(datagrams):
        try:
            _, form, state, _, inode, *_ = _SOCKET.unpack_from(body)
        except struct.error as error:
            raise ValueError(f"malformed answer: {error}") from None
        name = _name(body[_SOCKET.size :])
        if name and (form, state) == (_STREAM, _LISTEN):
            yield UnixSocket(name, inode)


def _name(content: bytes) -> str | None:
    """Give the name as net/unix writes it: of an abstract one every zero byte is an @."""
    for kind, name in attributes(content):
        if kind == _NAME:
            path = name.replace(b"\0", b"@") if name.startswith(b"\0") else name.rstrip(b"\0")
            return path.decode("utf-8", "surrogateescape")
    return None
