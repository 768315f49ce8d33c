"""Which fields of each kind of record a table shows; the machine formats hold them all."""

from __future__ import annotations

TITLES = {
    "host": "The host",
    "address": "Addresses",
    "agent": "The agent that looked",
    "degradation": "What it lacks here",
    "package": "Packages",
    "listener": "Listening sockets",
    "unix_listener": "Unix sockets that every local user can connect to",
    "gap": "What could not be seen",
}

COLUMNS: dict[str, tuple[str, ...]] = {
    "host": (),
    "address": ("interface", "address", "prefix", "scope"),
    "agent": (),
    "degradation": ("affected", "missing", "effect", "remedy"),
    "package": ("name", "version", "architecture", "source_name", "status", "manager"),
    "listener": ("protocol", "address", "port", "exposure", "process", "user", "package", "namespace", "container"),
    "unix_listener": ("path", "mode", "user", "process", "package", "namespace", "container"),
    "gap": ("subject", "reason", "detail"),
}
"""Kind to its columns; none for a kind of which there is one record, shown field by field."""
