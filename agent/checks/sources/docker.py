"""The settings of the Docker daemon: its arguments, and daemon.json, which may not contradict them (dockerd(8))."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.sources import program, units
from agent.formats import yaml_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.checks.engine.system import System

UNIT, SOCKET = "docker.service", "docker.socket"
CONFIG = "/etc/docker/daemon.json"
ARGUMENTS = "arguments of dockerd"
_LIMIT = 1024 * 1024


class Said(NamedTuple):
    """What is said of a setting: its value, and where."""

    value: str | tuple[str, ...]
    where: str


def is_there(system: System) -> bool:
    """Tell whether the host has a Docker daemon."""
    unit = system.get(units.resolved, UNIT)
    return unit.path is not None or system.get(_given) is not None or system.root.exists("/usr/bin/dockerd")


def said(system: System, key: str, flags: tuple[str, ...] = ()) -> Said | None:
    """Give what is said of a setting by its key in daemon.json or by its flags, --KEY among them; None where nothing is."""
    words = _words(system)
    values = program.flags(words, (*flags, f"--{key}"))
    if values:
        return Said(values if len(values) > 1 else values[0] or "true", ARGUMENTS)
    return Said("true", ARGUMENTS) if f"--{key}" in words else system.get(configuration).get(key)


def configuration(system: System) -> Mapping[str, Said]:
    """Give the settings of daemon.json; ValueError where it is none, with which the daemon would not start."""
    path = config_files(system)[0]
    try:
        content = system.root.read(path, _LIMIT)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    settings = yaml_settings.settings(content)
    if content.strip() not in (b"", b"{}") and not settings:
        raise ValueError(f"{path} is no JSON object")
    return {name: Said(each.value, path) for name, each in settings.items()}


def config_files(system: System) -> list[str]:
    """Give the configuration: the one that the daemon is told of, else the usual one."""
    return [program.flag(_words(system), "config-file") or CONFIG]


def file_of(system: System, key: str) -> list[str]:
    """Give the file that a setting names: tlscacert, tlscert, tlskey."""
    found = said(system, key)
    return [found.value] if found and isinstance(found.value, str) and found.value.startswith("/") else []


def _given(system: System) -> tuple[str, ...] | None:
    return program.arguments(system, "dockerd", UNIT)


def _words(system: System) -> tuple[str, ...]:
    found = system.get(_given)
    return found if found is not None else ()
