"""The facts of the section packages about where packages come from."""

from __future__ import annotations

from typing import ClassVar

from agent.model.record import record


@record(frozen=True)
class Repository:
    """A repository that packages are installed from.

    manager: Package manager whose packages it has, as Package.manager.
    name: Its id, or for apt its origin, label and codename, with a number where that is not one alone; an address is never given, because it may hold a password.
    origin: Who it says made it, for example Debian.
    suite: Suite or release that it says it is.
    provenance: distribution where the distribution's maker runs it, third_party where somebody else does; null where that cannot be told.
    enabled: Whether it is used; null where that cannot be told.
    indexed: Whether its list of packages could be read, so that packages are told to be its own.
    """

    KIND: ClassVar[str] = "repository"
    VOLATILE: ClassVar[tuple[str, ...]] = ()

    manager: str
    name: str
    origin: str | None
    suite: str | None
    provenance: str | None
    enabled: bool | None
    indexed: bool | None

    @property
    def key(self) -> str:
        """repository/<manager>/<name>"""
        return f"repository/{self.manager}/{self.name}"


@record(frozen=True)
class ModuleStream:
    """A module stream of dnf that is enabled, disabled or installed.

    name: Name of the module.
    stream: Stream that was chosen; null where none was.
    state: enabled, disabled, or empty where it is at its default.
    profiles: Profiles that are installed.
    """

    KIND: ClassVar[str] = "module_stream"
    VOLATILE: ClassVar[tuple[str, ...]] = ()

    name: str
    stream: str | None
    state: str
    profiles: tuple[str, ...]

    @property
    def key(self) -> str:
        """module/<name>"""
        return f"module/{self.name}"


@record(frozen=True)
class Subscription:
    """A subscription that gives the host security updates beyond those of its distribution.

    name: Which: ubuntu-pro.
    attached: Whether the host has it; null where that cannot be told.
    services: Names of its services that are enabled, for example esm-infra.
    """

    KIND: ClassVar[str] = "subscription"
    VOLATILE: ClassVar[tuple[str, ...]] = ()

    name: str
    attached: bool | None
    services: tuple[str, ...]

    @property
    def key(self) -> str:
        """subscription/<name>"""
        return f"subscription/{self.name}"
