"""Where on the host a container's ports are published, as the runtimes' plain state says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from agent.host.errors import LimitReached

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.host.root import HostRoot

DOCKER = "/var/lib/docker/containers"
CNI = "/var/lib/cni/results"
_LIMIT = 1024 * 1024

PortKey = tuple[str, int]
"""Protocol and port inside the container."""


def published_ports(root: HostRoot, container: str) -> dict[PortKey, str]:
    """Give address and port on the host by protocol and port inside a container; empty where nothing tells."""
    ports: dict[PortKey, str] = {}
    for mapping in (_docker, _cni):
        try:
            ports.update(mapping(root, container))
        except (OSError, LimitReached, AttributeError, KeyError, TypeError, ValueError):
            continue  # absent, unreadable or of another shape: not known to be published
    return ports


def _docker(root: HostRoot, container: str) -> Iterator[tuple[PortKey, str]]:
    """Read NetworkSettings.Ports: {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}]}."""
    state = json.loads(root.read(f"{DOCKER}/{container}/config.v2.json", _LIMIT))
    for port, bindings in (state["NetworkSettings"]["Ports"] or {}).items():
        number, _, protocol = port.partition("/")
        for binding in bindings or ():
            yield (protocol, int(number)), _at(binding["HostIp"], int(binding["HostPort"]))


def _cni(root: HostRoot, container: str) -> Iterator[tuple[PortKey, str]]:
    """Read portMappings of libcni's cache, which containerd, cri-o and podman with CNI leave per container."""
    for path in root.glob(f"{CNI}/*{container}*"):
        state = json.loads(root.read(path, _LIMIT))
        for mapping in _mappings(state):
            key = str(mapping.get("protocol") or "tcp").lower(), int(mapping["containerPort"])
            yield key, _at(str(mapping.get("hostIP") or ""), int(mapping["hostPort"]))


def _mappings(state: dict[str, Any]) -> list[dict[str, Any]]:
    mappings = state["capabilityArgs"]["portMappings"]
    return mappings if isinstance(mappings, list) else []


def _at(address: str, port: int) -> str:
    return f"{address or 'every address'} port {port}"
