"""Which runtime made a container whose cgroup does not say so: the runtimes' files of process ids, and its parent's program."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.formats import json_path
from agent.formats.proc_status import parse_status
from agent.host.errors import LimitReached

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from agent.host import Host
    from agent.host.procfs import ProcFS
    from agent.host.root import HostRoot

_LIMIT = 1024 * 1024


class Maker(NamedTuple):
    """Who made a container.

    id: Id that its runtime gave it; None where no state of it was found.
    runtime: Its runtime; None where nothing tells.
    """

    id: str | None
    runtime: str | None


def _pid(content: bytes) -> str | None:
    text = content.strip()[:20].decode("ascii", "replace")
    return text if text.isdigit() else None


def _runc(content: bytes) -> str | None:
    return json_path.text(json_path.document(content), "init_process_pid")


def _crun(content: bytes) -> str | None:
    return json_path.text(json_path.document(content), "pid")


def _machine(content: bytes) -> str | None:
    """Read LEADER= of systemd-machined's file."""
    return next((_pid(line[7:]) for line in content.split(b"\n") if line.startswith(b"LEADER=")), None)


_FILES: tuple[tuple[str, str | None, Callable[[bytes], str | None]], ...] = (
    ("/run/containerd/io.containerd.runtime.v2.task/*/*/init.pid", "containerd", _pid),
    ("/run/containers/storage/overlay-containers/*/userdata/pidfile", "podman", _pid),
    ("/run/user/*/containers/overlay-containers/*/userdata/pidfile", "podman", _pid),
    ("/run/systemd/machines/*", "systemd-nspawn", _machine),
    ("/run/runc/*/state.json", None, _runc),
    ("/run/crun/*/status", None, _crun),
)
"""Where runtimes note the first process of a container; their path has its id before the name of the file, if it has one."""

_PROGRAMS = {
    "systemd-nspawn": "systemd-nspawn",
    "lxc-start": "lxc",
    "lxc-execute": "lxc",
    "lxd": "lxc",
    "incusd": "lxc",
    "conmon": "podman",
    "containerd-shim": "containerd",
    "containerd-shim-runc-v1": "containerd",
    "containerd-shim-runc-v2": "containerd",
}
"""Programs that watch over a container from outside, by name."""


def is_mounted_by_root(proc: ProcFS, first: int, reference: str) -> bool:
    """Tell whether root of the host made the mounts of a container, and not a user in a namespace of his own.

    Either the container has the user namespace of the host, in which only root may mount; or a runtime's program
    watches over it that is root there.

    reference: Process whose namespaces are the host's.
    """
    try:
        own = proc.link(f"{reference}/ns/user")
        if proc.link(f"{first}/ns/user") == own:
            return True
        parent = parse_status(proc.read(f"{first}/status")).parent
        return (
            _program(proc, parent) in _PROGRAMS
            and parse_status(proc.read(f"{parent}/status")).uid == 0
            and proc.link(f"{parent}/ns/user") == own
        )
    except (OSError, ValueError):
        return False


class Makers:
    """Knows the first processes that the runtimes of a host noted, once it was asked."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._noted: dict[str, Maker] | None = None

    def of(self, first: int) -> Maker:
        """Tell who made the container of a first process."""
        if self._noted is None:
            self._noted = dict(_noted(self._host.root))
        return self._noted.get(str(first)) or self._watcher(first)

    def _watcher(self, first: int) -> Maker:
        """Tell it from the program that watches over the container; containerd's works in a bundle."""
        proc = self._host.proc
        try:
            parent = parse_status(proc.read(f"{first}/status")).parent if proc else 0
            runtime = _PROGRAMS.get(_program(proc, parent)) if proc and parent else None
            name = self._bundle(proc.link(f"{parent}/cwd"), first) if proc and runtime == "containerd" else None
        except (OSError, ValueError):
            return Maker(None, None)
        return Maker(name, runtime)

    def _bundle(self, folder: str, first: int) -> str | None:
        """Give the name of the bundle, of those beside the one of a shim, that notes a first process."""
        bundles = folder.rpartition("/")[0]
        try:
            names = self._host.root.names(bundles)
        except (OSError, LimitReached):
            return None
        return next(
            (each for each in names if _read(self._host.root, f"{bundles}/{each}/init.pid", _pid) == str(first)), None
        )


def _program(proc: ProcFS, pid: int) -> str:
    """Give the name of the program that a process runs."""
    return proc.link(f"{pid}/exe").removesuffix(" (deleted)").rpartition("/")[2]


def _noted(root: HostRoot) -> Iterator[tuple[str, Maker]]:
    for pattern, runtime, read in _FILES:
        try:
            for path in root.glob(pattern):
                pid = _read(root, path, read)
                if pid:
                    yield pid, Maker(_id(path, pattern), runtime)
        except (OSError, LimitReached):
            continue  # such a runtime's folder cannot be listed: its containers keep the names that the kernel gives


def _read(root: HostRoot, path: str, read: Callable[[bytes], str | None]) -> str | None:
    try:
        return read(root.read(path, _LIMIT))
    except (OSError, LimitReached, ValueError):
        return None


def _id(path: str, pattern: str) -> str:
    """Take the name for which the last star of the pattern stands."""
    behind = pattern.rpartition("*")[2].count("/")
    return path.split("/")[-1 - behind]
