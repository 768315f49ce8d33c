"""Directories that hold no software of the host, so that a walk leaves them out and names them."""

from __future__ import annotations

CONTAINERS = (
    # images, layers and running roots of containers, each of which is a host of its own
    "/var/lib/docker",
    "/var/lib/containers",
    "/var/lib/containerd",
    "/var/lib/cri-o",
    "/var/lib/buildkit",
    "/var/lib/kubelet/pods",
    "/var/lib/k0s/containerd",
    "/var/lib/rancher/k3s/agent/containerd",
    "/var/lib/rancher/rke2/agent/containerd",
    "/var/snap/docker/common/var-lib-docker",
    "/var/snap/microk8s/common/var/lib/containerd",
    "/run/containerd",
    "/run/containers",
    "/run/docker",
    "/run/k3s/containerd",
    # roots of system containers
    "/var/lib/lxc",
    "/var/lib/lxd",
    "/var/lib/incus",
    "/var/lib/machines",
    "/var/snap/lxd/common/lxd",
)
"""Storage of containers below the root of the host: they come and go, and their files are their images'."""

PATHS = (
    *CONTAINERS,
    # mounted snaps, which the database of snaps lists
    "/snap",
    "/var/lib/snapd/snap",
    # files of flatpaks and of whole systems, stored by their digests; what is deployed is elsewhere
    "/var/lib/flatpak/repo",
    "/ostree",
    "/sysroot",
    # snapshots of file systems: earlier states, not what the host has
    "/.snapshots",
    "/home/.snapshots",
    "/timeshift",
    "/.zfs",
)
"""Below the root of the host."""

CONTAINER_ENDINGS = ("/.local/share/containers/storage", "/.local/share/docker")
"""Of the storage of containers that users run without being root."""

ENDINGS = (*CONTAINER_ENDINGS, "/.local/share/flatpak/repo")
"""Of the storage of containers that users run without being root, and of that of their flatpaks."""
