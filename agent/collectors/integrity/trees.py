"""Which trees are watched where nothing else is configured, and what is left out of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.formats.path_patterns import compiled
from agent.host.watched import Tree

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.formats.path_patterns import Patterns

PROGRAMS = (
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/usr/bin",
    "/usr/sbin",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/libx32",
    "/usr/libexec",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/usr/local/lib",
    "/usr/local/lib64",
    "/usr/local/libexec",
    "/usr/local/etc",
)
"""Programs and libraries; where some are links to others, each place is walked once."""

CONFIGURATION = (
    "/boot",
    "/etc",
    "/home/*/.ssh",
    "/root/.ssh",
    "/root/.bashrc",
    "/root/.bash_profile",
    "/root/.profile",
    "/run/systemd/system",
    "/var/spool/at",
    "/var/spool/cron",
)
"""What is started, who may log in and as whom, and how."""

NODES = (
    "/var/lib/kubelet/config.yaml",
    "/var/lib/kubelet/kubeconfig",
    "/var/lib/kubelet/pki",
    "/var/lib/kubelet/kubeadm-flags.env",
    "/var/lib/rancher/k3s/agent/etc:4",
    "/var/lib/rancher/rke2/agent/etc:4",
    "/var/snap/microk8s/current/args",
    "/opt/cni/bin",
)
"""Configuration of what runs containers."""

EXCLUDES = (
    "/etc/mtab",
    "/etc/.pwd.lock",
    "/etc/resolv.conf",
    "/etc/adjtime",
    "/etc/ld.so.cache",
    "/etc/blkid.tab",
    "/etc/lvm/cache",
    "/etc/lvm/archive",
    "/etc/lvm/backup",
    "/boot/grub/grubenv",
    "/boot/grub2/grubenv",
    "/**/.cache",
    "/etc/**/*.log",
    "/usr/lib/locale/locale-archive",
    "/usr/lib/sysimage/rpm",
    "/usr/lib/sysimage/libdnf5",
)
"""What the system itself rewrites all the time, and what is a cache, a log or a database of packages."""


def trees_of(configured: Iterable[str]) -> list[str]:
    """Give the trees that are watched, as they are written."""
    return list(configured) or [*PROGRAMS, *CONFIGURATION, *NODES]


def parsed(trees: Iterable[str]) -> list[Tree]:
    """Read trees: a path, and where its depth is limited a colon and the levels."""
    found = []
    for tree in trees:
        path, colon, depth = tree.rpartition(":")
        limited = bool(colon) and depth.isdigit()
        found.append(Tree(path if limited else tree, int(depth) if limited else None))
    return found


def excluded(configured: Iterable[str]) -> tuple[str, ...]:
    """Give the patterns of what is left out."""
    return (*EXCLUDES, *configured)


def patterns(configured: Iterable[str]) -> Patterns:
    """Give them compiled."""
    return compiled(excluded(configured))
