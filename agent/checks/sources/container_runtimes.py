"""The settings of containerd and CRI-O: their files in TOML, with drop-ins and imports."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.sources import files, units
from agent.formats import toml_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.checks.engine.system import System


class Runtime(NamedTuple):
    """A runtime.

    name: For people.
    unit, binary: What shows that it is there.
    files: Patterns of its files, in the order in which a later one outweighs an earlier one.
    """

    name: str
    unit: str
    binary: str
    files: tuple[str, ...]


class Said(NamedTuple):
    """What is said of a setting: its value, and where."""

    value: str | tuple[str, ...]
    where: str


CONTAINERD = Runtime(
    "containerd",
    "containerd.service",
    "/usr/bin/containerd",
    ("/etc/containerd/config.toml", "/etc/containerd/conf.d/*.toml", "/etc/containerd/config.d/*.toml"),
)
CRIO = Runtime("CRI-O", "crio.service", "/usr/bin/crio", ("/etc/crio/crio.conf", "/etc/crio/crio.conf.d/*"))


def is_there(system: System, runtime: Runtime) -> bool:
    """Tell whether the host has a runtime."""
    return system.get(units.resolved, runtime.unit).path is not None or system.root.exists(runtime.binary)


def config_files(system: System, runtime: Runtime) -> list[str]:
    """Give its files that there are."""
    return [path for pattern in runtime.files for path in system.root.glob(pattern)]


def settings(system: System, runtime: Runtime) -> Mapping[str, Said]:
    """Give its settings by their path, as crio/runtime/log_level."""
    found: dict[str, Said] = {}
    for path in config_files(system, runtime):
        for name, each in toml_settings.settings(files.lines(system, path)).items():
            found[name] = Said(each.value, f"{path}:{each.number}")
    return found


def unit_files(system: System, unit: str) -> list[str]:
    """Give the file of a unit; none where there is none."""
    path = system.get(units.resolved, unit).path
    return [path] if path else []
