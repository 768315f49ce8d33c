"""What of the host is mounted into a container and would give it power over the host; paths only."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.formats.mountinfo import mounts
from agent.host.file_systems import LOCAL, NOT_STORAGE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from agent.formats.mountinfo import Mount

SENSITIVE = (
    # whoever writes there is the host, who reads there knows its secrets
    "/boot",
    "/dev",
    "/etc",
    "/home",
    "/lib",
    "/lib64",
    "/lib/modules",
    "/bin",
    "/sbin",
    "/proc",
    "/root",
    "/run",
    "/sys",
    "/usr",
    "/var",
    "/var/lib",
    "/var/log",
    "/var/run",
    # what runs containers, and what they are made of
    "/var/lib/containerd",
    "/var/lib/containers",
    "/var/lib/docker",
    "/var/lib/etcd",
    "/var/lib/kubelet",
    "/var/lib/rancher",
    "/run/containerd",
    "/run/crio",
    "/run/docker",
    "/run/podman",
    "/etc/kubernetes",
    "/etc/cni",
    "/etc/ssh",
    "/etc/cron.d",
    "/etc/systemd",
)
"""Directories of the host that are told of when they, or what they are in, are mounted into a container."""
SOCKETS = (
    "docker.sock",
    "containerd.sock",
    "crio.sock",
    "podman.sock",
    "cri-dockerd.sock",
    "dockershim.sock",
    "buildkitd.sock",
)
"""Sockets through which containers are made: whoever may connect to one is root of the host."""
_WHOLE = ("/boot/", "/root/", "/etc/kubernetes/", "/etc/ssh/", "/var/lib/etcd/")
"""Directories of which all that is in them is sensitive."""
_OF_RUNTIMES = ("/etc/", "/dev/", "/proc/", "/sys/", "/run/secrets", "/var/run/secrets", "/run/.containerenv")
"""Where the runtimes and Kubernetes mount single files and secrets of their own."""
_EMPTY = ("/dev", "/run", "/tmp", "/var/tmp", "/run/lock")  # noqa: S108 - names in the container
"""Where a file system in memory is what it starts with, empty."""
_MOST = 64
_OF_KERNEL = {"proc": "/proc", "sysfs": "/sys", "devtmpfs": "/dev"}
"""File systems of which every mount shows the same, so that each is the host's."""


class Mounted(NamedTuple):
    """What is mounted below a container's root.

    sensitive: What of the host is, as source:target:ro|rw, sorted.
    volumes: Directories on other file systems of storage, which its packages are not looked for in, sorted.
    points: Every mount point but the root.
    """

    sensitive: tuple[str, ...]
    volumes: tuple[str, ...]
    points: tuple[str, ...]


def by_device(host: Iterable[Mount]) -> dict[str, list[Mount]]:
    """Sort the mounts of a host by their file systems."""
    found: dict[str, list[Mount]] = {}
    for mount in host:
        found.setdefault(mount.device, []).append(mount)
    return found


def mounted(inside: Iterable[bytes], host: Mapping[str, Sequence[Mount]]) -> Mounted:
    """Compare the mounts of a container with the host's; ValueError when a line is malformed.

    inside: Lines of the mountinfo of the container's first process.
    host: Mounts of the host's own mount namespace, by device.
    """
    table = [mount for mount in mounts(inside) if mount.point != "/"]
    sensitive = {written for mount in table for written in _sensitive(mount, host)}
    storage = (mount.point for mount in table if _is_volume(mount))
    return Mounted(
        tuple(sorted(sensitive))[:_MOST], tuple(sorted(set(storage)))[:_MOST], tuple(mount.point for mount in table)
    )


def source(mount: Mount, host: Mapping[str, Sequence[Mount]]) -> str | None:
    """Give the path at which the host has what a mount shows; the shortest of several, None when it has none.

    Both are told by the file system and the directory within it.
    """
    paths = []
    for other in host.get(mount.device, ()):
        below = _below(mount.root, other.root)
        if below is not None:
            paths.append(f"{other.point.rstrip('/')}{below}" or "/")
    return min(paths, key=lambda path: (len(path), path)) if paths else None


def _sensitive(mount: Mount, host: Mapping[str, Sequence[Mount]]) -> Iterator[str]:
    path = source(mount, host)
    if path is not None and is_sensitive(path) and not _is_own(mount):
        yield f"{path}:{mount.point}:{'ro' if 'ro' in mount.options.split(',') else 'rw'}"


def is_sensitive(path: str) -> bool:
    """Tell whether a directory, socket or file of the host is a sensitive one, or holds one."""
    name = path.rpartition("/")[2]
    return path == "/" or path in SENSITIVE or name in SOCKETS or path.startswith(_WHOLE)


def _is_own(mount: Mount) -> bool:
    """Tell whether a mount shows a file system that the kernel makes anew for every container."""
    return mount.file_system in _OF_KERNEL and mount.point == _OF_KERNEL[mount.file_system]


def _is_volume(mount: Mount) -> bool:
    """Tell whether software could be there: storage, and not one of the single files that runtimes put into /etc."""
    if mount.file_system in NOT_STORAGE or mount.point.startswith(_OF_RUNTIMES):
        return False
    return mount.file_system in LOCAL and (mount.file_system != "tmpfs" or mount.point not in _EMPTY)


def _below(path: str, directory: str) -> str | None:
    """Give what of a path is below a directory, empty for the directory itself, None where it is elsewhere."""
    directory, path = directory.rstrip("/"), path.rstrip("/")
    return path[len(directory) :] if path == directory or path.startswith(f"{directory}/") else None
