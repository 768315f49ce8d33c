"""The packages that say something of kernels: those that may be one, and those that come into force at a boot alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.model.records import Package

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.model.spec import Options

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


def kernels_of_last(options: Options, manager: str) -> Iterator[Package]:
    """Give the packages of the last snapshot that concern kernels, for a database that is not read again."""
    if manager in MANAGERS and options.asks_for("kernel"):
        for record in options.previous(f"{manager}/"):
            if isinstance(record, Package) and concerns_kernel(record):
                yield record
