"""The marks by which a running system is known to be a container, as systemd-detect-virt knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.host.procfs import ProcFS
    from agent.host.root import HostRoot

OTHER = "container-other"

MANAGER_FILES = ("/run/host/container-manager", "/run/systemd/container")
"""Where a container's manager and its systemd write the manager's name."""
MARKS = (("/run/.containerenv", "podman"), ("/.dockerenv", "docker"))
"""Files that a container engine leaves in the container's root."""

_MANAGERS = ("lxc", "lxc-libvirt", "systemd-nspawn", "docker", "podman", "rkt", "wsl", "proot", "pouch")
_INITIAL_PID_NAMESPACE = "pid:[4026531836]"
"""PROC_PID_INIT_INO in include/linux/proc_ns.h: the number of the first PID namespace of every kernel."""
_LIMIT = 4096


def container(root: HostRoot, proc: ProcFS) -> str | None:
    """Give the kind of container that a running system is; None where nothing marks it as one.

    A mark in the file tree alone does not count in the kernel's first PID namespace: it is then left
    over from a container image from which a whole machine was started.
    """
    if proc.exists("vz") and not proc.exists("bc"):
        return "openvz"
    release = proc.read("sys/kernel/osrelease", _LIMIT)
    if b"Microsoft" in release or b"WSL" in release:
        return "wsl"
    for path in MANAGER_FILES:
        name = _name(root, path)
        if name:
            return name if name in _MANAGERS else OTHER
    if _in_initial_pid_namespace(proc):
        return None
    return next((name for path, name in MARKS if root.exists(path)), None)


def _name(root: HostRoot, path: str) -> str:
    try:
        return root.read(path, _LIMIT).split(b"\n")[0].strip().decode("ascii", "replace")
    except (FileNotFoundError, NotADirectoryError):
        return ""


def _in_initial_pid_namespace(proc: ProcFS) -> bool:
    """Ask process 1, and where that is not shown, the agent itself."""
    for process in ("1", "self"):
        try:
            return proc.link(f"{process}/ns/pid") == _INITIAL_PID_NAMESPACE
        except OSError:
            continue
    return False
