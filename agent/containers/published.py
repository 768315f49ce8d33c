"""Where on the host a container's ports are published, as the runtimes' plain state says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from agent.host.errors import LimitReached

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.host.root import HostRoot

DOCKER = "/var/lib/docker/containers"
CNI = "/var/lib/cni/results"
_LIMIT = 1024 * 1024

PortKey = tuple[str, int]
"""Protocol and port inside the container."""


class Place(NamedTuple):
    """Where on the host a port is published.

    address: Address of the host, empty for every one.
    port: Port of the host.
    """

    address: str
    port: int


def published_ports(root: HostRoot, container: str) -> dict[PortKey, str]:
    """Give address and port on the host, for people, by protocol and port inside a container; empty where nothing tells."""
    return {
        key: f"{address or 'every address'} port {port}" for key, (address, port) in places(root, container).items()
    }


def places(root: HostRoot, container: str) -> dict[PortKey, Place]:
    """Give where on the host the ports of a container are published; empty where nothing tells."""
    ports: dict[PortKey, Place] = {}
    for mapping in (_docker, _cni):
        try:
            ports.update(mapping(root, container))
        except (OSError, LimitReached, AttributeError, KeyError, TypeError, ValueError):
            continue  # absent, unreadable or of another shape: not known to be published
    return ports


def _docker(root: HostRoot, container: str) -> Iterator[tuple[PortKey, Place]]:
    """Read NetworkSettings.Ports: {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}]}."""
    state = json.loads(root.read(f"{DOCKER}/{container}/config.v2.json", _LIMIT))
    for port, bindings in (state["NetworkSettings"]["Ports"] or {}).items():
        number, _, protocol = port.partition("/")
        for binding in bindings or ():
            yield (protocol, int(number)), Place(binding["HostIp"], int(binding["HostPort"]))


def _cni(root: HostRoot, container: str) -> Iterator[tuple[PortKey, Place]]:
    """Read portMappings of libcni's cache, which containerd, cri-o and podman with CNI leave per container."""
    for path in root.glob(f"{CNI}/*{container}*"):
        state = json.loads(root.read(path, _LIMIT))
        for mapping in _mappings(state):
            key = str(mapping.get("protocol") or "tcp").lower(), int(mapping["containerPort"])
            yield key, Place(str(mapping.get("hostIP") or ""), int(mapping["hostPort"]))


def _mappings(state: dict[str, Any]) -> list[dict[str, Any]]:
    mappings = state["capabilityArgs"]["portMappings"]
    return mappings if isinstance(mappings, list) else []
