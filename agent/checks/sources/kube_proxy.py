"""The settings of a node's kube-proxy, which mostly runs in a pod and sees other files than the host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.checks.sources import program
from agent.formats import yaml_settings

if TYPE_CHECKING:
    from agent.checks.engine.system import System
    from agent.host.root import HostRoot

_CONFIGS = (
    "/var/lib/kube-proxy/config.conf",
    "/var/lib/kube-proxy/config.yaml",
    "/etc/kubernetes/kube-proxy-config.yaml",
)
_KUBECONFIGS = ("/etc/kubernetes/proxy.conf", "/etc/kubernetes/kube-proxy.conf", "/var/lib/kube-proxy/kubeconfig")
_LIMIT = 1024 * 1024


def given(system: System) -> tuple[str, ...] | None:
    """Give the arguments; None where there is no kube-proxy."""
    return program.arguments(system, "kube-proxy", "kube-proxy.service")


def is_there(system: System) -> bool:
    """Tell whether the host has one, running or configured."""
    return system.get(given) is not None or any(system.root.exists(path) for path in (*_CONFIGS, *_KUBECONFIGS))


def setting(system: System, flag: str, key: str) -> str | None:
    """Give a setting by its argument, else from its configuration as its own process sees it."""
    words = _words(system)
    value = program.flag(words, flag)
    if value is not None:
        return value
    named = program.flag(words, "config")
    for path in (named,) if named else _CONFIGS:
        try:
            found = yaml_settings.settings(_root(system).read(path, _LIMIT)).get(key)
        except (FileNotFoundError, NotADirectoryError, ProcessLookupError):
            continue
        if found and isinstance(found.value, str):
            return found.value
    return None


def kubeconfigs(system: System) -> list[str]:
    """Give the files on the host with which it reaches the API server."""
    named = program.flag(_words(system), "kubeconfig")
    return [named] if named else list(_KUBECONFIGS)


def _root(system: System) -> HostRoot:
    pid = program.process(system, "kube-proxy")
    return system.root if pid is None or system.proc is None else system.proc.root_of(pid)


def _words(system: System) -> tuple[str, ...]:
    found = system.get(given)
    return found if found is not None else ()
