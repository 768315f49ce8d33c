"""A client of the container runtime interface (CRI) of Kubernetes, as small as a test needs: gRPC over a Unix socket.

One call a connection; of HTTP/2 (RFC 9113) that is a preface, headers that are not compressed (RFC 7541, 6.2.2) and the message;
of protocol buffers texts, numbers and messages within messages.
"""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING, Union

if TYPE_CHECKING:
    from collections.abc import Iterator

    Value = Union[str, int, bytes, dict[int, "Value"], list["Value"]]

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _SETTINGS, _PING = 0, 1, 4, 6
_END_STREAM, _END_HEADERS, _ACKNOWLEDGED = 1, 4, 1
_SECONDS = 60


class CallFailed(Exception):
    """The runtime answered without a message; the trailers say why."""


def call(path: str, method: str, message: dict[int, Value]) -> dict[int, bytes]:
    """Call a method of runtime.v1.RuntimeService; give the texts of the answer by the numbers of their fields."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_SECONDS)
        connection.connect(path)
        connection.sendall(_PREFACE + _frame(_SETTINGS, 0, 0, b"") + _request(method, encoded(message)))
        answer, trailers = _answer(connection)
    if len(answer) < 5:
        raise CallFailed(f"{method}: {trailers!r}")
    return dict(_fields(answer[5:]))


def encoded(message: dict[int, Value]) -> bytes:
    """Write a message: a list is a field that is repeated."""
    return b"".join(
        _field(number, each)
        for number, value in message.items()
        for each in (value if isinstance(value, list) else [value])
    )


def _field(number: int, value: Value) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    content = encoded(value) if isinstance(value, dict) else value.encode() if isinstance(value, str) else value
    assert isinstance(content, bytes)
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _fields(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Give the fields that have a length, one level deep."""
    at = 0

    def number() -> int:
        nonlocal at
        shift = value = 0
        while True:
            value |= (content[at] & 0x7F) << shift
            shift += 7
            at += 1
            if not content[at - 1] & 0x80:
                return value

    while at < len(content):
        tag = number()
        length = number()
        if tag & 7 == 2:
            yield tag >> 3, content[at : at + length]
            at += length


def _request(method: str, message: bytes) -> bytes:
    headers = (
        (":method", "POST"),
        (":scheme", "http"),
        (":path", f"/runtime.v1.RuntimeService/{method}"),
        (":authority", "localhost"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    )
    block = b"".join(b"\0" + _literal(name) + _literal(value) for name, value in headers)
    content = b"\0" + struct.pack(">I", len(message)) + message
    return _frame(_HEADERS, _END_HEADERS, 1, block) + _frame(_DATA, _END_STREAM, 1, content)


def _literal(text: str) -> bytes:
    assert len(text) < 127
    return bytes((len(text),)) + text.encode()


def _frame(kind: int, flags: int, stream: int, content: bytes) -> bytes:
    return struct.pack(">I", len(content))[1:] + struct.pack(">BBI", kind, flags, stream) + content


def _answer(connection: socket.socket) -> tuple[bytes, bytes]:
    """Read frames until the stream ends; give the message and the last headers as they come."""
    message = trailers = b""
    while True:
        head = _exactly(connection, 9)
        length = int.from_bytes(head[:3], "big")
        kind, flags, stream = struct.unpack(">BBI", head[3:])
        content = _exactly(connection, length)
        if kind in (_SETTINGS, _PING) and not flags & _ACKNOWLEDGED:
            connection.sendall(_frame(kind, _ACKNOWLEDGED, 0, content if kind == _PING else b""))
        elif stream == 1 and kind == _DATA:
            message += content
        elif stream == 1 and kind == _HEADERS:
            trailers = content
        if stream == 1 and flags & _END_STREAM and kind in (_DATA, _HEADERS):
            return message, trailers


def _exactly(connection: socket.socket, count: int) -> bytes:
    parts: list[bytes] = []
    while count:
        parts.append(connection.recv(count))
        if not parts[-1]:
            raise CallFailed("the runtime closed the connection")
        count -= len(parts[-1])
    return b"".join(parts)
