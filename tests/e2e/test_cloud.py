"""The whole agent on an instance of a cloud: the service at its real address, in a network namespace of the test's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from tests.hosts.metadata import EC2_ID, GCE_ID
from tests.hosts.trees import plant

ADDRESS = "169.254.169.254"
SERVE = """
import sys, time
from tests.hosts import metadata
answer = metadata.ec2({"team": "a"}) if sys.argv[1] == "ec2" else getattr(metadata, sys.argv[1])
metadata.Service(answer, ("169.254.169.254", 80))
print("ready", flush=True)
time.sleep(600)
"""


class Instance:
    """A network namespace with a metadata service, or without one, and a root whose firmware says that it is an instance."""

    def __init__(self, folder: Path, marks: dict[str, bytes]) -> None:
        self.name = f"stocktake-{uuid.uuid4().hex[:8]}"
        self.root = folder / "root"
        self.root.mkdir()
        plant(self.root, {"etc/machine-id": b"0" * 31 + b"1\n", **marks})
        self._state = folder / "state"
        self._server: subprocess.Popen[str] | None = None
        subprocess.run(["ip", "netns", "add", self.name], check=True)
        subprocess.run(["ip", "-n", self.name, "link", "set", "lo", "up"], check=True)

    def serve(self, cloud: str) -> None:
        """Start the service."""
        subprocess.run(["ip", "-n", self.name, "address", "add", f"{ADDRESS}/32", "dev", "lo"], check=True)
        command = ["ip", "netns", "exec", self.name, sys.executable, "-c", SERVE, cloud]
        here = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        self._server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=here)
        assert self._server.stdout.readline() == "ready\n"

    def stocktake(self, *words: str) -> str:
        """Run a command of stocktake there; give what it prints."""
        command = ["ip", "netns", "exec", self.name, sys.executable, "-I", "-m", "agent.cli", *words]
        environment = {
            "STOCKTAKE_ROOT": str(self.root),
            "STOCKTAKE_PROC": "/proc",
            "STOCKTAKE_STATE_DIR": str(self._state),
            "STOCKTAKE_DELIVERY_SINK": "stdout",
        }
        done = subprocess.run(command, stdout=subprocess.PIPE, env=environment, text=True)
        assert done.returncode in (0, 3)
        return done.stdout

    def scan(self) -> dict[str, dict[str, object]]:
        """Give the records of the section host by kind, gaps by their subject."""
        lines = map(json.loads, self.stocktake("scan", "host", "--format", "ndjson").splitlines())
        return {line["subject"] if line["kind"] == "gap" else line["kind"]: line for line in lines}

    def close(self) -> None:
        """Remove everything."""
        if self._server:
            self._server.kill()
            self._server.communicate()
        subprocess.run(["ip", "netns", "delete", self.name], check=True)


@pytest.fixture
def instance(tmp_path, request):
    """An instance of the cloud that the test asks for."""
    if os.geteuid() != 0:
        pytest.skip("needs root")
    running = Instance(tmp_path, request.param)
    yield running
    running.close()


EC2 = {"sys/class/dmi/id/sys_vendor": b"Amazon EC2\n"}
GCE = {"sys/class/dmi/id/product_name": b"Google Compute Engine\n"}
NONE = {"sys/class/dmi/id/sys_vendor": b"QEMU\n"}


@pytest.mark.parametrize("instance", [EC2], indirect=True)
def test_an_instance_of_ec2_is_told_by_a_confined_process_at_the_real_address(instance):
    instance.serve("ec2")
    found = instance.scan()
    assert "cloud metadata" not in found
    assert (found["cloud_instance"]["provider"], found["cloud_instance"]["id"]) == ("ec2", EC2_ID)
    assert found["cloud_instance"]["tags"] == ["team=a"]


@pytest.mark.parametrize("instance", [GCE], indirect=True)
def test_the_instance_is_part_of_the_report_and_kept(instance):
    instance.serve("gce")
    assert GCE_ID in instance.stocktake("run", "--once", "--set", "packages.enabled=false")
    kept = json.loads((instance.root.parent / "state/cloud.json").read_text())
    assert kept["facts"]["id"] == GCE_ID
    identity = json.loads((instance.root.parent / "state/identity.json").read_text())
    assert identity["evidence"]["cloud_instance_id"] == GCE_ID


@pytest.mark.parametrize("instance", [EC2], indirect=True)
def test_an_instance_whose_service_cannot_be_reached_says_so(instance):
    found = instance.scan()
    assert (found["cloud_instance"]["provider"], found["cloud_instance"]["id"]) == ("ec2", None)
    assert found["cloud metadata"]["reason"] == "io_error"


@pytest.mark.parametrize("instance", [NONE], indirect=True)
def test_a_host_that_is_no_instance_asks_nobody_and_misses_nothing(instance):
    instance.serve("ec2")
    found = instance.scan()
    assert "cloud_instance" not in found
    assert "cloud metadata" not in found


@pytest.mark.parametrize("instance", [EC2], indirect=True)
def test_who_switches_it_off_has_nobody_asked(instance):
    instance.serve("ec2")
    lines = instance.stocktake("scan", "host", "--format", "ndjson", "--set", "cloud.metadata=false").splitlines()
    (told,) = [line for line in map(json.loads, lines) if line["kind"] == "cloud_instance"]
    assert (told["provider"], told["id"]) == ("ec2", None)
