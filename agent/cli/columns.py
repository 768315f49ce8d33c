"""Which fields of each kind of record a table shows; the machine formats hold them all."""

from __future__ import annotations

TITLES = {
    "host": "The host",
    "address": "Addresses",
    "agent": "The agent that looked",
    "degradation": "What it lacks here",
    "package": "Packages",
    "package_database": "Package databases",
    "language_package": "Packages of languages",
    "executable": "Programs that no package owns",
    "walk": "The walk over the files",
    "kernel": "Kernels",
    "repository": "Repositories",
    "module_stream": "Module streams",
    "subscription": "Subscriptions",
    "listener": "Listening sockets",
    "unix_listener": "Unix sockets that every local user can connect to",
    "file": "Files",
    "file_change": "Changes of files",
    "file_event": "Who changed files",
    "file_watch": "The watcher of files",
    "integrity_scan": "The scan of files",
    "gap": "What could not be seen",
}

COLUMNS: dict[str, tuple[str, ...]] = {
    "host": (),
    "address": ("interface", "address", "prefix", "scope"),
    "agent": (),
    "degradation": ("affected", "missing", "effect", "remedy"),
    "package": ("name", "version", "architecture", "source_name", "status", "manager"),
    "package_database": ("manager", "count"),
    "language_package": ("ecosystem", "name", "version", "license", "owner", "location"),
    "executable": ("path", "format", "size", "sha256"),
    "walk": (),
    "kernel": (),
    "repository": ("manager", "name", "origin", "suite", "provenance", "enabled"),
    "module_stream": ("name", "stream", "state", "profiles"),
    "subscription": ("name", "attached", "services"),
    "listener": ("protocol", "address", "port", "exposure", "process", "user", "package", "namespace", "container"),
    "unix_listener": ("path", "mode", "user", "process", "package", "namespace", "container"),
    "file": ("verdict", "mode", "user", "size", "modified_at", "path"),
    "file_change": ("at", "verdict", "created", "modified", "removed", "packages"),
    "file_event": ("minute", "path", "actions", "count", "executable", "package", "login_user", "container"),
    "file_watch": (),
    "integrity_scan": (),
    "gap": ("subject", "reason", "detail"),
}
"""Kind to its columns; none for a kind of which there is one record, shown field by field."""
