"""Profiles of AppArmor: those that the kernel has, and those that would be loaded (apparmor.d(5), apparmor_parser(8))."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from agent.checks.sources import drop_ins

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.checks.engine.system import System

_FOLDER = "/etc/apparmor.d"
_LOADED = "/sys/kernel/security/apparmor/profiles"
_IGNORED = (".dpkg-new", ".dpkg-old", ".dpkg-dist", ".dpkg-bak", ".rpmnew", ".rpmsave", ".orig", ".rej", "~")
_HEADER = re.compile(r'(?:profile\s+)?("[^"]+"|[^\s"(){#]+)[^{#]*?(?:flags\s*=\s*)?\(?([a-z_,\s=]*)\)?\s*\{')
_FLAGS = re.compile(r"flags\s*=\s*\(([^)]*)\)")
_MODES = ("complain", "unconfined", "kill", "prompt", "default_allow")
_NO_HEADER = re.compile(r"(hat\s|\^|include|#|@|/\*|abi\s|alias\s)")


class Profile(NamedTuple):
    """A profile with its mode: enforce, complain, unconfined, kill, prompt or default_allow."""

    name: str
    mode: str
    where: str


def loaded(system: System) -> tuple[Profile, ...] | None:
    """Give the profiles that the kernel has; None where that cannot be seen."""
    if not system.runs:
        return None
    try:
        lines = [line.decode("utf-8", "replace") for line in system.root.lines(_LOADED)]
    except (FileNotFoundError, NotADirectoryError):
        return None
    parted = [line.rpartition(" (") for line in lines if line.endswith(")")]
    return tuple(Profile(name, mode.rstrip(")"), _LOADED) for name, _, mode in parted)


def configured(system: System) -> tuple[Profile, ...]:
    """Give the profiles of the files in /etc/apparmor.d that are loaded at the start: those in disable are not."""
    try:
        names = system.root.names(_FOLDER)
    except (FileNotFoundError, NotADirectoryError):
        return ()
    return tuple(profile for name in names if _is_loaded(system, name) for profile in _of_file(system, name))


def _is_loaded(system: System, name: str) -> bool:
    hidden = name.startswith(".") or name == "README" or name.endswith(_IGNORED)
    return not hidden and not _is_linked(system, f"{_FOLDER}/disable/{name}")


def _of_file(system: System, name: str) -> Iterator[Profile]:
    complains = _is_linked(system, f"{_FOLDER}/force-complain/{name}")
    depth = 0
    for line in drop_ins.lines(system, f"{_FOLDER}/{name}"):
        match = _HEADER.match(line.text) if depth == 0 and not _NO_HEADER.match(line.text) else None
        if match:
            flags = _FLAGS.search(line.text)
            modes = [each for each in _MODES if flags and each in flags[1]]
            yield Profile(match[1].strip('"'), "complain" if complains else (modes or ["enforce"])[0], line.where)
        depth = max(0, depth + line.text.count("{") - line.text.count("}"))


def _is_linked(system: System, path: str) -> bool:
    """Tell whether a name is there, though what it links to may not be."""
    try:
        system.root.stat(path, follow=False)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True
