"""IPv4 addresses of the interfaces as the kernel tells them by netlink (rtnetlink(7))."""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING

from agent.formats.netlink import answers, attributes, request

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ADDRESS = struct.Struct("=BBBBI")
"""struct ifaddrmsg: family, prefix length, flags, scope, interface."""
_GET_ADDRESSES = 22
_LOCAL, _LABEL = 2, 3

REQUEST = request(_GET_ADDRESSES, _ADDRESS.pack(socket.AF_INET, 0, 0, 0, 0))
"""Asks for all IPv4 addresses of the caller's network namespace."""


def ipv4_addresses(datagrams: Iterable[bytes]) -> Iterator[tuple[str, str, int]]:
    """Give label of the interface, address and prefix length; ValueError for a refusal or a malformed answer."""
    for body in answers(datagrams):
        try:
            family, prefix, *_ = _ADDRESS.unpack_from(body)
        except struct.error as error:
            raise ValueError(f"malformed answer: {error}") from None
        told = dict(attributes(body[_ADDRESS.size :]))
        address, label = told.get(_LOCAL), told.get(_LABEL, b"").rstrip(b"\0")
        if family == socket.AF_INET and address is not None and len(address) == 4 and label:
            yield label.decode("utf-8", "surrogateescape"), socket.inet_ntoa(address), prefix
