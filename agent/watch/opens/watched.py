"""A container that is watched, and what of it another one shows, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Volume(NamedTuple):
    """A part of a file system that a container shows, other than an overlay of its own."""

    device: int
    root: str


class Watched:
    """A container that is watched.

    since: Since when, seconds since 1970.
    is_whole: Whether it was watched before its first process started.
    unseen: Opened files of which nobody knows who opened them, for the process had ended.
    note: What of it cannot be watched, for people; None where all is.
    mount: Number of the mount that is its root.
    device: File system of its root where that is an overlay, which is its own.
    volumes: What else it shows.
    """

    def __init__(self, since: int, mount: int) -> None:
        self.since = since
        self.is_whole = False
        self.unseen = 0
        self.note: str | None = None
        self.mount = mount
        self.device: int | None = None
        self.volumes: list[Volume] = []


def shared(scopes: Mapping[str, Watched]) -> frozenset[int]:
    """Give the file systems of which two containers show the same part: what is ignored for one would be for both."""
    shown: dict[Volume, str] = {}
    found = set()
    for scope, watched in scopes.items():
        for volume in watched.volumes:
            for other, whose in shown.items():
                if whose != scope and other.device == volume.device and _overlap(other.root, volume.root):
                    found.add(volume.device)
            shown[volume] = scope
    return frozenset(found)


def _overlap(one: str, other: str) -> bool:
    one, other = f"{one.rstrip('/')}/", f"{other.rstrip('/')}/"
    return one.startswith(other) or other.startswith(one)
