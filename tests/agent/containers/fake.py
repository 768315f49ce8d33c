"""A host whose proc is a folder of files: processes as the kernel would describe them."""

from __future__ import annotations

import os

from agent.host import open_host
from tests.hosts.trees import plant

ID, OTHER = "0123456789abcdef" * 4, "fedcba9876543210" * 4
HOST = {kind: f"{kind}:[1]" for kind in ("cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts")}


class FakeHost:
    """A host of which tests add the processes."""

    def __init__(self, folder) -> None:
        self.root, self.proc = folder / "root", folder / "proc"
        self.root.mkdir()
        self.proc.mkdir()
        (self.proc / "stat").write_text("btime 1000000000\n")
        self.process(1, cgroup="/init.scope")

    def process(
        self, pid, cgroup, parent=1, levels=None, started=100, root=None, mountinfo="", namespaces=None, **more
    ):
        """Add a process; namespaces are the host's but for those that are named."""
        status = {
            "Pid": pid,
            "PPid": parent,
            "Uid": "0 0 0 0",
            "NSpid": " ".join(map(str, levels or [pid])),
            "CapBnd": "a80425fb" if cgroup != "/init.scope" else "1ffffffffff",
            "Seccomp": 2,
            **more,
        }
        behind = " ".join(["S", *["0"] * 18, str(started)])
        plant(
            self.proc / str(pid),
            {
                "cgroup": f"0::{cgroup}\n".encode(),
                "status": "".join(f"{name}:\t{value}\n" for name, value in status.items()).encode(),
                "stat": f"{pid} (a) {behind}\n".encode(),
                "mountinfo": mountinfo.encode(),
            },
        )
        (self.proc / str(pid) / "ns").mkdir()
        for kind, namespace in {**HOST, **(namespaces or {})}.items():
            (self.proc / str(pid) / "ns" / kind).symlink_to(namespace)
        (self.proc / str(pid) / "root").symlink_to(root or self.root)

    def program(self, pid, path):
        """Say which program a process runs."""
        os.symlink(path, self.proc / str(pid) / "exe")

    def open(self):
        """Open it as the agent does."""
        return open_host(str(self.root), str(self.proc))
