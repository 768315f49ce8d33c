"""Mounts as configured in fstab(5) and systemd.mount(5), and as they are now."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from agent.checks.sources import drop_ins, units
from agent.formats import mountinfo

if TYPE_CHECKING:
    from agent.checks.engine.system import System

_FSTAB = "/etc/fstab"
_OCTAL = re.compile(r"\\([0-7]{3})")
_IMPLIED = {
    "defaults": ("rw", "suid", "dev", "exec"),
    "user": ("noexec", "nosuid", "nodev"),
    "users": ("noexec", "nosuid", "nodev"),
    "owner": ("nosuid", "nodev"),
    "group": ("nosuid", "nodev"),
}
"""What options stand for (mount(8)); an option behind them still counts."""
_API = {"/dev/shm": ("nosuid", "nodev")}  # noqa: S108 - a subject
"""What systemd mounts itself before it reads any configuration (src/shared/mount-setup.c), with which options."""


class Configured(NamedTuple):
    """A mount that is configured.

    options: Its options as they are written.
    """

    point: str
    options: tuple[str, ...]
    where: str

    def has(self, option: str) -> bool:
        """Tell whether an option holds: the last of it and its opposite counts, and some stand for others."""
        opposite = option.removeprefix("no") if option.startswith("no") else f"no{option}"
        said = [each for written in self.options for each in (written, *_IMPLIED.get(written, ()))]
        counting = [each for each in said if each in (option, opposite)]
        return bool(counting) and counting[-1] == option


def configured(system: System) -> tuple[Configured, ...]:
    """Give the mounts of fstab, which outweigh units of the same place, and those of units that are started.

    What systemd mounts by itself is there too, where nothing else says how.
    """
    fstab = [each for line in drop_ins.lines(system, _FSTAB) if (each := _of_line(line))]
    points = {each.point for each in fstab}
    of_units = [each for each in _of_units(system) if each.point not in points]
    points |= {each.point for each in of_units}
    by_systemd = [Configured(point, options, "systemd") for point, options in _API.items() if point not in points]
    return (*fstab, *of_units, *(by_systemd if _has_systemd(system) else ()))


def mounted(system: System) -> dict[str, tuple[str, ...]] | None:
    """Give the options of what is mounted in the name space of the first process, by place; None without proc."""
    if system.proc is None:
        return None
    return {each.point: tuple(each.options.split(",")) for each in mountinfo.mounts(system.proc.lines("1/mountinfo"))}


def _has_systemd(system: System) -> bool:
    return any(system.root.exists(f"{folder}/systemd/systemd") for folder in ("/usr/lib", "/lib"))


def _of_line(line: drop_ins.Line) -> Configured | None:
    fields = line.text.split()
    if len(fields) < 3 or fields[2] == "swap" or not fields[1].startswith("/"):
        return None
    point = _OCTAL.sub(lambda match: chr(int(match[1], 8)), fields[1])
    options = tuple(fields[3].split(",")) if len(fields) > 3 else ("defaults",)
    return Configured(re.sub("/+", "/", point).rstrip("/") or "/", options, line.where)


def _of_units(system: System) -> list[Configured]:
    """Read the units of mounts that something starts, which are those that can count."""
    found = []
    for name in system.get(units.started):
        unit = system.get(units.resolved, name) if name.endswith(".mount") else None
        if unit is not None and unit.is_on:
            values = {each.key: each.value for each in units.settings(system, name) if each.section == "Mount"}
            options = tuple(filter(None, values.get("Options", "").split(",")))
            found.append(Configured(values.get("Where", "").rstrip("/"), options, unit.path or ""))
    return [each for each in found if each.point]
