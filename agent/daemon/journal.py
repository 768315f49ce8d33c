"""Lines with fields for journald, by its own protocol, so that a section or a status can be asked for.

See https://systemd.io/JOURNAL_NATIVE_PROTOCOL/ and systemd.journal-fields(7).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SOCKET = "/run/systemd/journal/socket"


class Journal:
    """The host's journal, for a process whose standard error it is."""

    def __init__(self, address: str = SOCKET) -> None:
        self._address = address

    def send(self, priority: int, text: str, fields: Mapping[str, str]) -> bool:
        """Send a line with fields, which are called STOCKTAKE_<NAME> there; False when it was not taken."""
        entry = {"MESSAGE": text, "PRIORITY": str(priority), "SYSLOG_IDENTIFIER": "stocktake"}
        entry.update((f"STOCKTAKE_{name.upper()}", value) for name, value in fields.items())
        lines = "".join(f"{name}={' '.join(value.splitlines())}\n" for name, value in entry.items())
        import socket  # noqa: PLC0415 - half a MiB that only services of systemd need

        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            try:
                channel.setblocking(False)
                channel.sendto(lines.encode("utf-8", "backslashreplace"), self._address)
            except OSError:
                return False
        return True


def journal_of(environment: Mapping[str, str], stderr: int = 2) -> Journal | None:
    """Give the journal when standard error leads there, as JOURNAL_STREAM of systemd.exec(5) tells; else None."""
    try:
        found = os.fstat(stderr)
    except OSError:
        return None
    named = environment.get("JOURNAL_STREAM", "")
    return Journal() if named == f"{found.st_dev}:{found.st_ino}" else None
