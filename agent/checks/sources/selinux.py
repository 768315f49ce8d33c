"""SELinux as configured (selinux_config(5)) and as the kernel runs it (selinuxfs)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.sources import drop_ins

if TYPE_CHECKING:
    from agent.checks.engine.system import System

CONFIG = "/etc/selinux/config"
_MODES = ("enforcing", "permissive", "disabled")
_ENFORCE = "/sys/fs/selinux/enforce"


class Setting(NamedTuple):
    """A value with where it stands."""

    value: str
    where: str


def mode(system: System) -> Setting | None:
    """Give the configured mode: the first line SELINUX= that names one, whatever its case, as libselinux reads it."""
    for line in drop_ins.lines(system, CONFIG):
        key, sign, value = line.text.partition("=")
        found = next((name for name in _MODES if value.lower().startswith(name)), None)
        if key == "SELINUX" and sign and found:
            return Setting(found, line.where)
    return None


def policy(system: System) -> Setting | None:
    """Give the configured policy: the last line SELINUXTYPE=."""
    lines = [line for line in drop_ins.lines(system, CONFIG) if line.text.startswith("SELINUXTYPE=")]
    return Setting(lines[-1].text.partition("=")[2].strip(), lines[-1].where) if lines else None


def running(system: System) -> Setting | None:
    """Give the mode of the kernel, disabled where it has no selinuxfs; None where the system does not run."""
    if not system.runs or not system.root.exists("/sys/fs"):
        return None
    try:
        content = system.root.read(_ENFORCE, 16)
    except (FileNotFoundError, NotADirectoryError):
        return Setting("disabled", "/sys/fs/selinux")
    return Setting("enforcing" if content.strip() == b"1" else "permissive", _ENFORCE)
