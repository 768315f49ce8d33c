"""The file deploy of each application and runtime that flatpak has installed (flatpak, common/flatpak-dir.c).

It is a serialised (ssasta{sv}): the name of the remote, the commit, what parts of it, its size, and more,
of which strings with the prefix appdata- are taken from the application's own description.
"""

from __future__ import annotations

from typing import NamedTuple

from agent.formats.gvariant import aligned, ends, text, texts

_SIZE = 8
"""Bytes of the size (t)."""


class Deployment(NamedTuple):
    """What is installed.

    remote: Name of the remote that it comes from, as the administrator called it.
    commit: Commit that is installed, 64 hexadecimal digits.
    version: Version that the application gives itself; None where it gives none, as runtimes.
    license: Its licence, as it says.
    """

    remote: str
    commit: str
    version: str | None
    license: str | None


def deployment(content: bytes) -> Deployment:
    """Read a file deploy; ValueError when it is none."""
    remote_end, commit_end, parts_end, end = ends(content, 3)
    more = dict(texts(content[aligned(parts_end) + _SIZE : end]))
    return Deployment(
        text(content[:remote_end]),
        text(content[remote_end:commit_end]),
        more.get("appdata-version") or None,
        more.get("appdata-license") or None,
    )
