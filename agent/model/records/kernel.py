"""The facts of the section packages about kernels."""

from __future__ import annotations

from typing import ClassVar

from agent.model.record import record


@record(frozen=True)
class Kernel:
    """The kernel that runs, those that are installed, and whether the host should be rebooted.

    running: Release of the running kernel; null where the tree is no running system.
    running_package: Key of the package that owns the running kernel's image; null where none does or none runs.
    installed: Releases of the kernels that are installed, in the order of their versions, oldest first.
    newest: Release of the newest of them; null where none is installed.
    live_patches: Names of the live patches that are loaded; null where that cannot be told.
    reboot_needed: Whether a reboot would bring something new into force; null where that cannot be told.
    reboot_reasons: Why: kernel and the release of a newer one, the path of a mark that asks for it, package and the name of each that left the mark or was replaced since boot.
    """

    KIND: ClassVar[str] = "kernel"
    VOLATILE: ClassVar[tuple[str, ...]] = ()

    running: str | None
    running_package: str | None
    installed: tuple[str, ...]
    newest: str | None
    live_patches: tuple[str, ...] | None
    reboot_needed: bool | None
    reboot_reasons: tuple[str, ...]

    @property
    def key(self) -> str:
        """kernel"""
        return "kernel"
