"""A few pages over HTTP from within the loop: never waited for, so that nobody who asks can keep it from its work.

That a page is answered at all shows that the loop goes round; what it says does not depend on the backend.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MOST = 8
"""Connections at a time; who comes later waits to be accepted."""
PATIENCE = 5.0
"""Seconds in which a request must have come and its answer gone."""
_LONGEST = 4096
"""Bytes of a request, with its header."""
_TEXT = "text/plain; version=0.0.4; charset=utf-8"


class _Client:
    """A connection: what it has said, then what it is still to be told."""

    def __init__(self, channel: socket.socket, deadline: float) -> None:
        self.channel = channel
        self.deadline = deadline
        self.said = b""
        self.rest: memoryview | None = None


class Pages:
    """Serves pages on an address.

    address: HOST:PORT, an IPv6 address in brackets; OSError when it cannot be listened on.
    pages: What gives the bytes of each path.
    clock: Gives seconds since boot.
    """

    def __init__(self, address: str, pages: Mapping[str, Callable[[], bytes]], clock: Callable[[], float]) -> None:
        host, _, port = address.rpartition(":")
        host = host.strip("[]")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listening = socket.create_server((host, int(port)), family=family, backlog=MOST)
        self._listening.setblocking(False)
        self.port: int = self._listening.getsockname()[1]
        self._pages = pages
        self._clock = clock
        self._clients: list[_Client] = []

    def close(self) -> None:
        """Let go of the address and of who is connected."""
        self._listening.close()
        for client in self._clients:
            client.channel.close()
        self._clients.clear()

    def step(self) -> None:
        """Do what can be done without waiting."""
        self._accept()
        for client in list(self._clients):
            if client.deadline <= self._clock() or not self._go_on(client):
                client.channel.close()
                self._clients.remove(client)

    def next_check(self) -> float:
        """When step has something to do unless a descriptor is ready before, seconds since boot."""
        return min((client.deadline for client in self._clients), default=float("inf"))

    def reading(self) -> list[int]:
        """Give the descriptors that step would read from."""
        listening = [self._listening.fileno()] if len(self._clients) < MOST else []
        return listening + [client.channel.fileno() for client in self._clients if client.rest is None]

    def writing(self) -> list[int]:
        """Give the descriptors that step would write to."""
        return [client.channel.fileno() for client in self._clients if client.rest is not None]

    def _accept(self) -> None:
        while len(self._clients) < MOST:
            try:
                channel, _ = self._listening.accept()
            except OSError:
                return
            channel.setblocking(False)
            self._clients.append(_Client(channel, self._clock() + PATIENCE))

    def _go_on(self, client: _Client) -> bool:
        """Read or write what there is; False when the connection is over."""
        try:
            if client.rest is None:
                chunk = client.channel.recv(_LONGEST)
                client.said += chunk
                if b"\r\n\r\n" not in client.said:
                    return bool(chunk) and len(client.said) < _LONGEST
                client.rest = memoryview(self._answer(client.said))
            client.rest = client.rest[client.channel.send(client.rest) :]
        except BlockingIOError:
            return True
        except OSError:
            return False
        return bool(client.rest)

    def _answer(self, request: bytes) -> bytes:
        method, _, rest = request.partition(b" ")
        path = rest.split(b" ")[0].partition(b"?")[0].decode("latin-1")
        if method not in (b"GET", b"HEAD"):
            return _page("405 Method Not Allowed", b"only GET\n")
        if path not in self._pages:
            return _page("404 Not Found", b"no such page\n")
        return _page("200 OK", self._pages[path](), with_body=method == b"GET")


def _page(status: str, body: bytes, *, with_body: bool = True) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {_TEXT}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + (body if with_body else b"")
