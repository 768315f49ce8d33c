"""Serves the application on a socket until it is told to end."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import ipaddress
import signal
import socket
from typing import TYPE_CHECKING, NamedTuple

import uvicorn

from backend.errors import Misused

if TYPE_CHECKING:
    from starlette.applications import Starlette

ENDING = 5
"""Seconds that open requests have to end after SIGTERM."""


class Listen(NamedTuple):
    """Where to listen.

    host: Name or address.
    port: Port; 0 lets the system choose.
    certificate: PEM file of the certificate and its chain; None for plain HTTP.
    key: PEM file of its private key; None when the certificate's file holds it.
    insecure: Whether plain HTTP may be offered to other machines.
    """

    host: str
    port: int
    certificate: str | None
    key: str | None
    insecure: bool


def parse_address(text: str) -> tuple[str, int]:
    """Read HOST:PORT, an IPv6 address in brackets; Misused for anything else."""
    host, colon, port = text.rpartition(":")
    if not (colon and host and port.isascii() and port.isdigit() and int(port[:6]) < 65536):
        raise Misused("--listen: expected HOST:PORT, for example 127.0.0.1:8750 or [::1]:8750")
    return host.removeprefix("[").removesuffix("]"), int(port)


def serve(app: Starlette, listen: Listen) -> None:
    """Serve until SIGTERM or SIGINT; Misused when it cannot or must not listen there."""
    bound = _bind(listen)
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=ENDING,
        ssl_certfile=listen.certificate,
        ssl_keyfile=listen.key,
    )
    _load(config)
    # uvicorn repeats the signal that ended it to the handlers that it found; ending is no error here.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: None)
    _keep_memory()
    asyncio.run(_run(uvicorn.Server(config), bound, "https" if listen.certificate else "http"))


async def _run(server: uvicorn.Server, bound: socket.socket, scheme: str) -> None:
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.01)
    if server.started:
        print(f"listening on {scheme}://{_shown(bound)}", flush=True)
    await serving


def _bind(listen: Listen) -> socket.socket:
    where = f"--listen {listen.host}:{listen.port}"
    try:
        found = socket.getaddrinfo(listen.host, listen.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = found[0]
        if not (listen.certificate or listen.insecure or _is_loopback(str(address[0]))):
            raise Misused(
                f"{where}: tokens would travel unprotected: give --tls-cert and --tls-key, "
                "or --insecure when something else protects them"
            )
        bound = socket.create_server((str(address[0]), listen.port), family=family, backlog=1024)
    except OSError as error:
        raise Misused(f"{where}: {error.strerror or error}: choose another address or port") from None
    return bound


def _load(config: uvicorn.Config) -> None:
    try:
        config.load()
    except OSError as error:
        raise Misused(
            f"--tls-cert {config.ssl_certfile}: {error.strerror or error}: expected PEM files of a certificate and its key"
        ) from None


def _keep_memory() -> None:
    """Keep what one message needed for the next one: asking the system anew took an eighth of the processor's time.

    Thousands of rows a message are no garbage either: they are searched for cycles more seldom. The numbers are
    M_MMAP_THRESHOLD and M_TRIM_THRESHOLD of mallopt(3); a C library without it gives memory back as it likes.
    """
    gc.set_threshold(100_000)
    with contextlib.suppress(AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(-3, 32 * 1024 * 1024)
        mallopt(-1, 64 * 1024 * 1024)


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def _shown(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
