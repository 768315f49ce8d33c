"""A real container, made by runc of the host's own root, in a network namespace of its own."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from agent.collectors.ports import collect
from agent.host import open_host
from agent.model.records import Listener, UnixListener
from agent.model.spec import Options

ID = "5705" * 16
SCRIPT = r"""
import os, signal
from socket import *
tcp = socket(); tcp.bind(("0.0.0.0", 11001)); tcp.listen()
more = socket(); more.bind(("0.0.0.0", 11002)); more.listen()
unix = socket(AF_UNIX); unix.bind("/run/stocktake-container"); unix.listen(); os.chmod("/run/stocktake-container", 0o777)
open("/ready", "w").close()
signal.pause()
"""


@pytest.fixture
def bundle(tmp_path):
    """A runc bundle whose root is the host's below a writable layer, and the way back."""
    if os.geteuid() != 0 or not shutil.which("runc"):
        pytest.skip("needs root and runc")
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", tmp_path], check=True)
    for name in ("rootfs", "u", "w"):
        (tmp_path / name).mkdir()
    layers = f"lowerdir=/,upperdir={tmp_path}/u,workdir={tmp_path}/w"
    subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, tmp_path / "rootfs"], check=True)
    yield tmp_path
    subprocess.run(["umount", "-l", tmp_path / "rootfs"], check=True)
    subprocess.run(["umount", "-l", tmp_path], check=True)


@pytest.fixture
def container(bundle):
    subprocess.run(["runc", "spec"], cwd=bundle, check=True)
    path = bundle / "config.json"
    spec = json.loads(path.read_text())
    spec["process"].update(terminal=False, args=[sys.executable, "-c", SCRIPT])
    spec["process"]["rlimits"] = [{"type": "RLIMIT_NOFILE", "hard": 1024, "soft": 1024}]
    spec["root"]["readonly"] = False
    spec["linux"]["cgroupsPath"] = f"/docker/{ID}"
    path.write_text(json.dumps(spec))
    name = f"stocktake-{os.getpid()}"
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(["runc", "run", "-d", "--pid-file", "pid", name], cwd=bundle, check=True, **quiet)
    while not (bundle / "u" / "ready").exists():
        os.kill(int((bundle / "pid").read_text()), 0)  # it has ended: there is nothing to wait for
    yield int((bundle / "pid").read_text())
    subprocess.run(["runc", "delete", "-f", name], check=True, **quiet)


@pytest.fixture
def state(tmp_path_factory):
    """A root that holds what dockerd would say of the container."""
    root = tmp_path_factory.mktemp("root")
    folder = root / "var/lib/docker/containers" / ID
    folder.mkdir(parents=True)
    ports = {"11001/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}], "11002/tcp": None}
    (folder / "config.v2.json").write_text(json.dumps({"NetworkSettings": {"Ports": ports}}))
    return str(root)


def records_of(root="/"):
    found = collect(open_host(root, "/proc"), Options())
    return {record.key: record for record in found if record.key.startswith(ID)}


def test_the_listeners_of_a_container_are_named_after_it_and_internal(container):
    records = records_of()
    listener = records[f"{ID}/tcp/0.0.0.0/11001"]
    assert isinstance(listener, Listener)
    assert (listener.namespace, listener.container, listener.pid) == (ID, ID, container)
    assert listener.exposure == "container-internal"
    assert listener.package is None  # its root is not the host's, however alike


def test_an_open_unix_socket_in_a_container_is_found_in_the_containers_root(container):
    listener = records_of()[f"{ID}/unix//run/stocktake-container"]
    assert isinstance(listener, UnixListener)
    assert (listener.mode, listener.container, listener.pid) == ("0777", ID, container)
    assert not os.path.exists("/run/stocktake-container")


def test_a_port_that_the_runtime_publishes_is_published_and_another_is_not(container, state):
    records = records_of(state)
    published, internal = records[f"{ID}/tcp/0.0.0.0/11001"], records[f"{ID}/tcp/0.0.0.0/11002"]
    assert published.exposure == "published"
    assert published.exposure_reason.endswith("published at 0.0.0.0 port 8080")
    assert internal.exposure == "container-internal"
