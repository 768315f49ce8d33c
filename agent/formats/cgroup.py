"""The container that a process runs in, from its cgroup file (cgroups(7), version 1, 2 and hybrid)."""

from __future__ import annotations

import re
from typing import NamedTuple

RUNTIME_ID = r"(?:^|[-:])([0-9a-f]{64})(?:\.scope)?$"
"""What docker, containerd (cri), cri-o and podman name a container's cgroup after: the last part of a component."""
OTHER_NAMES = (
    r"^[0-9a-f]{32}-[0-9]+$",  # ECS on Fargate, below /ecs/<task>
    r"^lxc\.payload\.",
    r"^systemd-nspawn@.*\.service$",
    r"^machine-.*\.scope$",
)
"""How the others name it, where the name of its directory alone tells."""

_RUNTIME_ID = re.compile(RUNTIME_ID.encode())
_MONITOR = re.compile(rb"(?:^|-)conmon-|^lxc\.monitor|^supervisor$")
"""Cgroups of the processes that watch a container from outside."""
_ECS_ID = re.compile(rb"/ecs/[^/]+/([0-9a-f]{32}-[0-9]+)(?:/|$)")
_LXC_NAME = re.compile(rb"/lxc(?:/|\.payload[./])([^/]+)")
_NSPAWN_NAME = re.compile(rb"/(?:systemd-nspawn@([^/]+)\.service|machine-([^/]+)\.scope)(?:/|$)")
_POD = re.compile(rb"[-/]pod([0-9a-f]{8}[-_]?[0-9a-f]{4}[-_]?[0-9a-f]{4}[-_]?[0-9a-f]{4}[-_]?[0-9a-f]{12})[./]")
_RUNTIMES = (
    (re.compile(rb"crio-[0-9a-f]{64}|:crio:"), "cri-o"),
    (re.compile(rb"cri-containerd[-:]"), "containerd"),
    (re.compile(rb"libpod-[0-9a-f]{64}"), "podman"),
    (re.compile(rb"docker-[0-9a-f]{64}|/docker/[0-9a-f]{64}"), "docker"),
    (_ECS_ID, "docker"),
    (_LXC_NAME, "lxc"),
    (_NSPAWN_NAME, "systemd-nspawn"),
)
_APPLICATION = re.compile(rb"/app(?:-[^/]+)?\.slice/|/app-[^/]+\.(?:scope|service)")
"""Cgroups that desktops put a user's applications into (systemd's XDG_SPECIFICATION of units), sandboxed ones too."""


class Membership(NamedTuple):
    """What a cgroup's path tells of the container in it.

    id: Its id, or its name for lxc and nspawn.
    runtime: Who made it: containerd, cri-o, docker, podman, lxc, systemd-nspawn; None where the path does not tell.
    pod_uid: Uid of its Kubernetes pod; None outside of pods.
    """

    id: str
    runtime: str | None
    pod_uid: str | None


def container_id(cgroup: bytes) -> str | None:
    """Give the id, or the name for lxc and nspawn, of the innermost container; None outside containers.

    A line is hierarchy:controllers:path; the first line that names a container decides.
    """
    named = _named(cgroup)
    return named[0] if named else None


def membership(cgroup: bytes) -> Membership | None:
    """Give what the path tells of the innermost container; None outside containers."""
    named = _named(cgroup)
    if named is None:
        return None
    found, path = named
    innermost = path[max(path.rfind(b"/kubepods"), path.rfind(b"/docker/"), path.rfind(b"/libpod"), 0) :]
    runtime = next((name for pattern, name in _RUNTIMES if pattern.search(innermost)), None)
    pod = _POD.search(innermost)
    return Membership(found, runtime, pod.group(1).decode().replace("_", "-") if pod else None)


def is_application(cgroup: bytes) -> bool:
    """Tell whether a process is a desktop application, whose sandbox (flatpak, a browser's) is not called a container."""
    return any(_APPLICATION.search(line.split(b":", 2)[-1]) for line in cgroup.split(b"\n"))


def _named(cgroup: bytes) -> tuple[str, bytes] | None:
    """Give the id with the path that has it."""
    for line in cgroup.split(b"\n"):  # not splitlines: a name may hold a carriage return
        path = line.split(b":", 2)[-1]
        found = _by_component(path) or _by_path(path)
        if found:
            return found.decode("utf-8", "replace"), path
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
