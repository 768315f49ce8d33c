"""The packages that say something of kernels: those that may be one, and those that come into force at a boot alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.model.records import Package

MANAGERS = frozenset(("rpm", "pacman"))
"""Managers whose packages are looked at; of dpkg a package's name tells the release of the kernel that it has."""
CORE = frozenset(
    (
        *("dbus", "dbus-broker", "dbus-daemon", "glibc", "kernel-firmware", "linux-firmware", "microcode_ctl"),
        *("openssl-libs", "systemd"),
    )
)
"""Packages of rpm that come into force at a boot alone: those of dnf's needs-restarting, without the kernel."""


def concerns_kernel(package: Package) -> bool:
    """Tell whether a package may be a kernel, or asks for a reboot when it is replaced."""
    if package.manager == "rpm":
        return package.name.startswith("kernel") or package.name in CORE
    return package.manager == "pacman" and package.name.startswith("linux")
