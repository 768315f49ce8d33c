"""Which files of a container tell of software, by their names alone, so that a change of them is a change of its packages."""

from __future__ import annotations

import re

NAMES = frozenset(("METADATA", "PKG-INFO", "package.json", "installed.json"))
"""What the parsers of languages want whole; a test compares it with them."""
ENDINGS = (
    *(".jar", ".war", ".ear", ".par", ".sar", ".nar", ".kar", ".jpi", ".hpi"),
    *(".deps.json", ".egg-info", ".egg", ".pyz", ".pyzw", ".pex", ".gemspec"),
)
"""Ends of names, in lower case, likewise."""
_DATABASES = re.compile(
    r"/var/lib/dpkg/(?:status|status\.d/.*|updates/.*)"
    r"|/(?:var/lib/rpm|usr/lib/sysimage/rpm|usr/share/rpm)/(?:rpmdb\.sqlite(?:-wal)?|Packages(?:\.db)?)"
    r"|/(?:usr/)?lib/apk/db/installed"
    r"|/var/lib/pacman/local/.*"
    r"|/var/lib/snapd/state\.json"
    r"|/(?:etc|usr/lib)/os-release",
    re.DOTALL,
)
"""The package databases, and what says which distribution they are of."""
_PASSING = re.compile(r"/(?:tmp|run|proc|sys|dev|var/(?:tmp|run|log|cache|lock|spool|lib/apt|lib/dpkg/info))(?:/|$)")
"""Where files come and go: that one was removed there says nothing of packages."""


def is_database(path: str) -> bool:
    """Tell whether a file is part of a package database."""
    return _DATABASES.fullmatch(path) is not None


def tells_of_software(path: str, executable: bool) -> bool:
    """Tell whether a file is one from which packages are read."""
    name = path.rpartition("/")[2]
    return executable or name in NAMES or name.lower().endswith(ENDINGS) or is_database(path)


def may_have_told(path: str) -> bool:
    """Tell whether something that was removed, perhaps a directory, may have been one from which packages are read."""
    return not _PASSING.match(path)
