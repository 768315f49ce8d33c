"""The container that a process runs in, from its cgroup file (cgroups(7), version 1, 2 and hybrid)."""

from __future__ import annotations

import re

_RUNTIME_ID = re.compile(rb"(?:^|[-:])([0-9a-f]{64})(?:\.scope)?$")
"""What docker, containerd (cri), cri-o and podman name a container's cgroup after: the last part of a component."""
_MONITOR = re.compile(rb"(?:^|-)conmon-|^lxc\.monitor|^supervisor$")
"""Cgroups of the processes that watch a container from outside."""
_ECS_ID = re.compile(rb"/ecs/[^/]+/([0-9a-f]{32}-[0-9]+)(?:/|$)")
_LXC_NAME = re.compile(rb"/lxc(?:/|\.payload[./])([^/]+)")
_NSPAWN_NAME = re.compile(rb"/(?:systemd-nspawn@([^/]+)\.service|machine-([^/]+)\.scope)(?:/|$)")


def container_id(cgroup: bytes) -> str | None:
    """Give the id, or the name for lxc and nspawn, of the innermost container; None outside containers.

    A line is hierarchy:controllers:path; the first line that names a container decides.
    """
    for line in cgroup.split(b"\n"):  # not splitlines: a name may hold a carriage return
        path = line.split(b":", 2)[-1]
        found = _by_component(path) or _by_path(path)
        if found:
            return found.decode("utf-8", "replace")
    return None


def _by_component(path: bytes) -> bytes | None:
    for component in reversed(path.split(b"/")):
        if _MONITOR.search(component):
            return None
        match = _RUNTIME_ID.search(component)
        if match:
            return match.group(1)
    return None


def _by_path(path: bytes) -> bytes | None:
    if any(_MONITOR.search(component) for component in path.split(b"/")):
        return None
    match = _ECS_ID.search(path) or _LXC_NAME.search(path)
    if match:
        return match.group(1)
    match = _NSPAWN_NAME.search(path)
    return _unescape(match.group(1) or match.group(2)) if match else None


def _unescape(name: bytes) -> bytes:
    r"""Undo systemd's escaping of unit names: \x2d for a dash."""
    return re.sub(rb"\\x([0-9a-f]{2})", lambda match: bytes((int(match.group(1), 16),)), name)
