"""The settings of a node's kubelet: its arguments over its drop-ins over its configuration over what it does by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.sources import program
from agent.formats import yaml_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.checks.engine.system import System

UNIT = "kubelet.service"
ARGUMENTS = "arguments of the kubelet"
_CONFIG, _KUBECONFIG = "/var/lib/kubelet/config.yaml", "/etc/kubernetes/kubelet.conf"
_LIMIT = 1024 * 1024


class Said(NamedTuple):
    """What is said of a setting: its value, and where."""

    value: str | tuple[str, ...]
    where: str


def is_there(system: System) -> bool:
    """Tell whether the host is a node: a kubelet runs, is a unit, or has a configuration."""
    return system.get(given) is not None or system.root.exists(_CONFIG)


def given(system: System) -> tuple[str, ...] | None:
    """Give the arguments; None where there is no kubelet."""
    return program.arguments(system, "kubelet", UNIT)


def configuration(system: System) -> Mapping[str, Said]:
    """Give the settings of the configuration, in which drop-ins replace what has the same path."""
    found: dict[str, Said] = {}
    for path in config_files(system):
        try:
            content = system.root.read(path, _LIMIT)
        except (FileNotFoundError, NotADirectoryError):
            continue
        settings = yaml_settings.settings(content)
        found.update({name: Said(each.value, f"{path}:{each.number}") for name, each in settings.items()})
    return found


def said(system: System, flag: str, key: str) -> Said | None:
    """Give what is said of a setting; an argument outweighs the configuration. None where nothing is."""
    value = program.flag(_words(system), flag) if flag else None
    if value is not None:
        return Said(value, ARGUMENTS)
    return system.get(configuration).get(key) if key else None


def is_configured(system: System) -> bool:
    """Tell whether it has a configuration, with which its defaults are others than without one."""
    return any(system.root.exists(path) for path in config_files(system))


def config_files(system: System) -> list[str]:
    """Give the files of the configuration: the one it is told of, else the usual one, and its drop-ins."""
    words = _words(system)
    folder = program.flag(words, "config-dir")
    drop_ins = system.root.glob(f"{folder.rstrip('/')}/*.conf") if folder and folder.startswith("/") else ()
    return [program.flag(words, "config") or _CONFIG, *drop_ins]


def kubeconfigs(system: System) -> list[str]:
    """Give the file with which it reaches the API server."""
    return [program.flag(_words(system), "kubeconfig") or _KUBECONFIG]


def client_authorities(system: System) -> list[str]:
    """Give the file of the authorities whose clients it trusts."""
    found = said(system, "client-ca-file", "authentication.x509.clientCAFile")
    return [found.value] if found and isinstance(found.value, str) else []


def _words(system: System) -> tuple[str, ...]:
    found = system.get(given)
    return found if found is not None else ()
