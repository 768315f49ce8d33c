"""Checks of file systems: which are mounts of their own, and with what options."""

from __future__ import annotations

from functools import partial

from agent.checks.engine.check import Check
from agent.checks.predicates import mount

_POINTS = ("/tmp", "/dev/shm", "/home", "/var", "/var/tmp", "/var/log", "/var/log/audit")  # noqa: S108 - subjects
_OPTIONS = {
    "nodev": "A device file that somebody makes there would give access to the hardware behind it.",
    "nosuid": "A setuid program that somebody puts there would run with the rights of its owner.",
    "noexec": "Programs could be put and run where no software is installed.",
}


def _separate(point: str) -> Check:
    return Check(
        id=f"mount_{_named(point)}",
        title=f"{point} is a mount of its own",
        why="What fills it, or is put into it, reaches the file system that it shares and is bound by its options alone.",
        fix=f"Give {point} a file system of its own in /etc/fstab, or enable a mount unit for it.",
        rule=partial(mount.separate, point),
    )


def _option(point: str, option: str) -> Check:
    return Check(
        id=f"mount_{_named(point)}_{option}",
        title=f"{point} is mounted with {option}",
        why=_OPTIONS[option],
        fix=f"Add {option} to the options of {point} in /etc/fstab or its mount unit, and mount it anew.",
        rule=partial(mount.option, point, option),
    )


def _named(point: str) -> str:
    return point.strip("/").replace("/", "_")


CHECKS = (*map(_separate, _POINTS), *(_option(point, option) for point in _POINTS for option in _OPTIONS))
