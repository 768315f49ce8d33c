"""Settings and locks of the databases that an administrator makes for dconf (dconf(7)): keyfiles, not what was compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.sources import drop_ins, key_values

if TYPE_CHECKING:
    from agent.checks.engine.system import System

_DATABASES = "/etc/dconf/db"
_PROFILES = ("/etc/dconf/profile/*", "/usr/share/dconf/profile/*")
_GREETER = ("/etc/gdm3/greeter.dconf-defaults", "/etc/gdm3/greeter.gsettings")
"""Defaults of the login screen on Debian, which the profile gdm names as a database of its own."""
_LOGIN = "gdm"


class Keys(NamedTuple):
    """What the databases set that some profile names; that of the login screen counts without one, for gdm has one.

    values: Assignment by path, as org/gnome/desktop/session/idle-delay; the last file by name counts.
    locks: Paths that users cannot change, with where it is said.
    """

    values: dict[str, key_values.Assignment]
    locks: dict[str, str]


def keys(system: System, login: bool) -> Keys:
    """Read the keyfiles and locks.

    login: Whether the login screen is asked about: its database counts before the others, which count before it otherwise.
    """
    names = [_LOGIN, *(name for name in _named(system) if name != _LOGIN)]
    found = Keys({}, {})
    for path in _GREETER if login else ():
        _add(system, path, found)
        found.locks.update((key, each.where) for key, each in found.values.items())
    for name in reversed(names) if login else names:
        for path in system.root.glob(f"{_DATABASES}/{name}.d/*"):
            if not path.endswith("/locks"):
                _add(system, path, found)
        for path in system.root.glob(f"{_DATABASES}/{name}.d/locks/*"):
            found.locks.update((line.text.strip("/"), line.where) for line in drop_ins.lines(system, path))
    return found


def _add(system: System, path: str, found: Keys) -> None:
    for each in key_values.assignments(drop_ins.lines(system, path)):
        found.values[f"{each.section.strip('/')}/{each.key}"] = each


def _named(system: System) -> list[str]:
    """Give the databases that profiles name: lines system-db:NAME."""
    lines = [
        line for pattern in _PROFILES for path in system.root.glob(pattern) for line in drop_ins.lines(system, path)
    ]
    named = [line.text.partition("#")[0].strip().partition(":") for line in lines]
    return sorted({name.strip() for kind, _, name in named if kind == "system-db"})
