"""Telling systemd that the daemon is ready, alive or stopping: sd_notify(3), without its library."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import MutableMapping


class Notifier:
    """Sends states to the socket that systemd names; without one it does nothing.

    watchdog: Seconds within which systemd wants a sign of life, None when it wants none.
    """

    def __init__(self, environment: MutableMapping[str, str]) -> None:
        self._address = environment.pop("NOTIFY_SOCKET", "")
        limit = environment.pop("WATCHDOG_USEC", "")
        wanted = environment.pop("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self.watchdog = int(limit) / 1_000_000 if limit.isdigit() and int(limit) and wanted else None

    def send(self, state: str) -> None:
        """Send READY=1, WATCHDOG=1, STOPPING=1 or a line of STATUS."""
        if not self._address:
            return
        import socket  # noqa: PLC0415 - half a MiB that only systemd's daemons need

        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            try:
                channel.connect(address)
                channel.send(state.encode())
            except OSError:
                pass  # systemd restarts what it does not hear from; there is nobody else to tell
