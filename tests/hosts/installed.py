"""A booted machine with stocktake's packages on it, and the backend beside the agent."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from agent.worker.collectors import sections
from tests.hosts.booted import wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.booted import Machine

SECTIONS = set(sections())
CONFIGURATION = """delivery: {splay: 0s, heartbeat: 1m}
backend: {url: "http://127.0.0.1:8750"}
metrics: {file: /run/stocktake/stocktake.prom, listen: "127.0.0.1:9754"}
containers: {enabled: true}
usage: {enabled: true}
compliance: {enabled: true}
"""
ASK = "import sys, urllib.request as u; print(u.urlopen(u.Request(sys.argv[1], headers=dict(a.split('=', 1) for a in sys.argv[2:]))).read().decode())"
_TOKEN = "STOCKTAKE_BACKEND_STORE=sqlite:////var/lib/stocktake-backend/backend.sqlite stocktake-backend token create"


class Life:
    """A machine with what is installed on it."""

    def __init__(self, machine: Machine, *folders: Path) -> None:
        self.machine = machine
        self.token = ""
        for path in (path for folder in folders for path in folder.iterdir()):
            if path.suffix in (".deb", ".rpm"):
                shutil.copy(path, machine.root / "root")

    def install(self, pattern: str) -> str:
        """Install a package of /root with apt."""
        [package] = (self.machine.root / "root").glob(pattern)
        done = self.machine.run("apt-get", "install", "-y", "--no-install-recommends", f"/root/{package.name}")
        assert done.returncode == 0, done
        return done.stdout + done.stderr

    def bring_backend(self) -> None:
        """Install the backend beside it, with a token to ask it and the credential that lets the agent enrol."""
        self.install("stocktake-backend_*-1_all.deb")
        wait_for((self.machine.root / "var/lib/stocktake-backend/backend.sqlite").exists)
        self.token = self.machine.does("sh", "-c", f"{_TOKEN} read").strip()
        (self.machine.root / "etc/credstore").mkdir(mode=0o700, exist_ok=True)
        self.machine.does("sh", "-c", f"{_TOKEN} join >/etc/credstore/stocktake.join_token")

    def configure(self, text: str = CONFIGURATION) -> None:
        """Write the configuration."""
        (self.machine.root / "etc/stocktake/agent.yaml").write_text(text)

    def ask(self, path: str) -> Any:
        """Give the backend's answer."""
        words = ["python3", "-c", ASK, f"http://127.0.0.1:8750{path}", f"Authorization=Bearer {self.token}"]
        return json.loads(self.machine.does(*words))

    def hosts(self) -> list[dict[str, Any]]:
        """Give what the backend knows of each host."""
        return self.ask("/v1/hosts")["hosts"]

    def is_complete(self) -> bool:
        """Tell whether the backend has every section."""
        hosts = self.hosts()
        return bool(hosts) and hosts[0]["sections"].keys() == SECTIONS

    def records(self, section: str) -> dict[str, dict[str, Any]]:
        """Give what would be sent of a section, by key."""
        lines = map(json.loads, self.machine.says("stocktake", "payload", section).splitlines())
        return {line["put"]["key"]: line["put"] for line in lines if "put" in line}

    def seen_by_root(self, section: str) -> set[str]:
        """Give the keys of what root sees."""
        lines = map(json.loads, self.machine.says("stocktake", "scan", section, "--format", "ndjson").splitlines())
        return {line["key"] for line in lines if line["kind"] != "section"}

    def status(self) -> dict[str, Any]:
        """Give what stocktake status says."""
        return json.loads(self.machine.says("stocktake", "status", "--json"))

    def main_pid(self) -> int:
        """Give the daemon's process, in its own numbers."""
        return int(self.machine.property("stocktake", "MainPID"))
