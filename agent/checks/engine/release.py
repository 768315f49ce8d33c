"""The distribution that a system says it is (os-release(5))."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.formats.os_release import parse

if TYPE_CHECKING:
    from agent.checks.engine.system import System

_PATHS = ("/etc/os-release", "/usr/lib/os-release")
_LIMIT = 64 * 1024


class Release(NamedTuple):
    """What os-release says; empty where it says nothing.

    id: ID, as debian.
    version: VERSION_ID, as 9.4.
    like: ID_LIKE.
    name: PRETTY_NAME.
    """

    id: str
    version: str
    like: tuple[str, ...]
    name: str

    @property
    def major(self) -> str:
        """Version by which benchmarks are told apart: 9 of RHEL's 9.4, the whole of Ubuntu's 24.04."""
        return self.version if self.id == "ubuntu" else self.version.partition(".")[0]


def release(system: System) -> Release:
    """Read it; a root without os-release has an empty one."""
    for path in _PATHS:
        try:
            says = parse(system.root.read(path, _LIMIT))
        except (FileNotFoundError, NotADirectoryError):
            continue
        like = tuple(says.get("ID_LIKE", "").split())
        return Release(says.get("ID", ""), says.get("VERSION_ID", ""), like, says.get("PRETTY_NAME", ""))
    return Release("", "", (), "")
