"""A real containerd with its CRI plugin, in folders of its own, and pods that are made by CRI calls as a kubelet makes them."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.hosts.cri import CallFailed, call
from tests.hosts.podman import SLEEP

if TYPE_CHECKING:
    from tests.hosts.podman import Podman

_CONFIGURATION = """
version = 2
root = "{0}/root"
state = "{0}/state"
[grpc]
  address = "{0}/socket"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{1}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  disable_hugetlb_controller = true
  enable_selinux = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{0}/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
"""
_NODE = 2
"""The network of the host."""


class Pod(NamedTuple):
    """A pod that runs.

    id: Id of what keeps its namespaces.
    name, namespace, uid: What a kubelet calls it.
    config: Its configuration, which every container of it is made with.
    """

    id: str
    name: str
    namespace: str
    uid: str
    config: dict


class Containerd:
    """containerd below a folder; to be closed."""

    def __init__(self, folder: Path, pause: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cni").mkdir()
        (folder / "config.toml").write_text(_CONFIGURATION.format(folder, pause))
        self._folder = folder
        self._socket = str(folder / "socket")
        self._pods: list[str] = []
        self._groups: list[str] = []
        with open(folder / "log", "wb") as log:
            words = ["containerd", "--config", str(folder / "config.toml")]
            self._process = subprocess.Popen(words, stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise CallFailed((folder / "log").read_text()[-500:])
            time.sleep(0.05)

    def load(self, podman: Podman, image: str) -> str:
        """Take an image of podman; give its name."""
        archive = self._folder / "image.tar"
        podman("save", "-o", archive, image)
        self.ctr("images", "import", str(archive))
        archive.unlink()
        return image

    def ctr(self, *words: str, namespace: str = "k8s.io") -> str:
        """Run a command of containerd's own client."""
        done = subprocess.run(["ctr", "-a", self._socket, "-n", namespace, *words], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def pod(self, name: str, namespace: str = "shop", group: str | None = None) -> Pod:
        """Start a pod in the network of the host.

        group: Parent of its control groups.
        """
        uid = str(uuid.uuid4())
        group = group or f"/kubepods/besteffort/pod{uid}"
        linux = {1: group, 2: {1: {1: _NODE}}}
        config = {1: {1: name, 2: uid, 3: namespace}, 8: linux, 3: str(self._folder)}
        made = call(self._socket, "RunPodSandbox", {1: config})[1].decode()
        self._pods.append(made)
        self._groups.append(group)
        return Pod(made, name, namespace, uid, config)

    def run(self, pod: Pod, name: str, image: str, command: tuple[str, ...] = SLEEP, secret: str = "") -> str:
        """Start a container in a pod; give its id."""
        config = {1: {1: name}, 2: {1: image}, 3: list(command), 6: [{1: "SECRET", 2: secret}], 11: f"{name}.log"}
        made = call(self._socket, "CreateContainer", {1: pod.id, 2: config, 3: pod.config})[1].decode()
        call(self._socket, "StartContainer", {1: made})
        return made

    def remove(self) -> None:
        """Remove all pods."""
        while self._pods:
            pod = self._pods.pop()
            for method in ("StopPodSandbox", "RemovePodSandbox"):
                try:
                    call(self._socket, method, {1: pod})
                except CallFailed:
                    pass  # an empty answer is one without a message
        while self._groups:
            remove_groups(self._groups.pop())

    def close(self) -> None:
        """Remove all pods and end."""
        self.remove()
        self._process.terminate()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            return bool(call(self._socket, "Version", {}))
        except (OSError, CallFailed):
            return False


def remove_groups(group: str) -> None:
    """Remove a control group, which containerd leaves to the kubelet, and those above it that are empty then."""
    for hierarchy in Path("/sys/fs/cgroup").glob("*/"):
        for folder, _, _ in os.walk(f"{hierarchy}{group}", topdown=False):
            try:
                os.removedirs(folder)
            except OSError:
                pass  # something is in it, or it cannot be removed as the root of a hierarchy


def containerd_in(folder: Path, podman: Podman) -> Containerd:
    """Give containerd; where it cannot start a pod the test is skipped with the reason."""
    missing = [program for program in ("containerd", "ctr", "runc") if not shutil.which(program)]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    pause = podman.image({}, command=SLEEP)
    containerd = None
    try:
        containerd = Containerd(folder, pause)
        containerd.load(podman, pause)
        containerd.pod(f"probe-{os.getpid()}")
        containerd.remove()
    except (AssertionError, CallFailed, OSError) as error:
        if containerd:
            containerd.close()
        pytest.skip(f"containerd cannot run a pod here: {error}")
    return containerd
