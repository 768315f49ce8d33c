"""A real Docker engine in folders of its own, without a network."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.hosts.podman import SLEEP, packed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Docker:
    """dockerd below a folder; to be closed."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._socket = f"unix://{folder}/socket"
        words = [
            "--data-root",
            f"{folder}/data",
            "--exec-root",
            f"{folder}/exec",
            "--pidfile",
            f"{folder}/pid",
            "-H",
            self._socket,
        ]
        quiet = ["--iptables=false", "--ip6tables=false", "--bridge=none"]
        with open(folder / "log", "wb") as log:
            self._process = subprocess.Popen(["dockerd", *words, *quiet], stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while not self._answers():
            assert self._process.poll() is None, (folder / "log").read_text()[-500:]
            assert time.monotonic() < deadline, (folder / "log").read_text()[-500:]
            time.sleep(0.05)

    def __call__(self, *words: str, stdin: bytes | None = None) -> str:
        """Run a command of docker and give what it prints."""
        done = subprocess.run(["docker", "-H", self._socket, *words], input=stdin, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()

    def run(self, files: Mapping[str, bytes], *options: str) -> str:
        """Start a container of a static busybox and some files; give its id."""
        image = f"stocktake-{os.getpid()}:1"
        self("import", "-", image, stdin=packed(files))
        return self("run", "-d", "--network=none", *options, image, *SLEEP)

    def _answers(self) -> bool:
        return subprocess.run(["docker", "-H", self._socket, "version"], capture_output=True).returncode == 0

    def close(self) -> None:
        """Remove everything and end."""
        running = self("ps", "-aq").split()
        if running:
            self("rm", "-f", *running)
        self._process.terminate()
        self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def docker_in(folder: Path) -> Docker:
    """Give docker; where its engine cannot run the test is skipped with the reason."""
    if os.geteuid() != 0:
        pytest.skip("needs root")
    missing = [
        program for program in ("dockerd", "docker", "containerd", "runc", "busybox") if not shutil.which(program)
    ]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    try:
        return Docker(folder)
    except AssertionError as error:
        pytest.skip(f"Docker's engine cannot run here: {error}")
