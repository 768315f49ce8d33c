"""The Release file of an apt repository: what the repository says of itself (sources: apt-secure(8), Debian's wiki RepositoryFormat)."""

from __future__ import annotations

from typing import NamedTuple

HEAD = 8 * 1024
"""Bytes from the start of a Release or InRelease file that hold all fields before the long lists of checksums."""

_ARMOUR = b"-----BEGIN PGP SIGNED MESSAGE-----"
_LONGEST = 200


class Release(NamedTuple):
    """Fields of a Release file; None for a field that it does not have or leaves empty.

    origin: Who made the repository, for example Debian.
    label: What the repository is for, for example Debian-Security.
    suite: Its role, for example stable-security.
    codename: Its name that does not change, for example bookworm-security.
    """

    origin: str | None
    label: str | None
    suite: str | None
    codename: str | None


def parse(head: bytes) -> Release:
    """Read the start of a Release file, of an InRelease file without the armour of its signature. Never raises."""
    _, _, signed = head.partition(b"\n\n") if head.startswith(_ARMOUR) else (b"", b"", head)
    fields: dict[bytes, str] = {}
    for line in signed.split(b"\n"):
        name, colon, value = line.partition(b":")
        if colon and name and not name.isspace():
            fields.setdefault(name.lower(), value.decode("utf-8", "replace").strip()[:_LONGEST])
    origin, label, suite, codename = (fields.get(name) or None for name in (b"origin", b"label", b"suite", b"codename"))
    return Release(origin, label, suite, codename)
