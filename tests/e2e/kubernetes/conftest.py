"""The pod as the chart renders it, run by podman, with a real backend in its network namespace."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from artefacts.kustomize import render

from tests.artefacts.built import needed
from tests.e2e.kubernetes.pod import Node, project, run_options
from tests.hosts.podman import podman_in

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.podman import Podman

JOIN, READ = "join-token-of-the-test-of-the-pod", "read-token-of-the-test-of-the-pod"
BACKEND = "https://127.0.0.1:8750"
PATIENCE = 150


class Namespace:
    """A network namespace with nothing in it but loopback: the pod's own."""

    def __init__(self) -> None:
        self.name = f"stocktake-{uuid.uuid4().hex[:8]}"
        self._here = ["ip", "netns", "exec", self.name]
        subprocess.run(["ip", "netns", "add", self.name], check=True)
        subprocess.run(["ip", "-n", self.name, "link", "set", "lo", "up"], check=True)

    def start(self, *words: str, **options: Any) -> subprocess.Popen[str]:
        """Start a program there."""
        return subprocess.Popen([*self._here, *words], text=True, **options)

    def get(self, url: str, authorities: Path | None = None, seconds: float = 10) -> tuple[int, str]:
        """Ask for a page; give its status, 0 where there was no answer, and its text."""
        words = ["curl", "--silent", "--max-time", str(seconds), "--write-out", "\n%{http_code}", url]
        words += ["--cacert", str(authorities), "--header", f"Authorization: Bearer {READ}"] if authorities else []
        told = subprocess.run([*self._here, *words], stdout=subprocess.PIPE, text=True).stdout
        text, _, status = told.rpartition("\n")
        return int(status), text

    def close(self) -> None:
        """Remove it."""
        subprocess.run(["ip", "netns", "delete", self.name], check=False)


class Backend:
    """A real backend on loopback, with a certificate that only its own authority signs."""

    def __init__(self, folder: Path, namespace: Namespace) -> None:
        self.certificate = folder / "cert.pem"
        self._folder, self._namespace = folder, namespace
        words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        words += ["-days", "2", "-subj", "/CN=backend", "-addext", "subjectAltName=IP:127.0.0.1"]
        words += ["-keyout", str(folder / "key.pem"), "-out", str(self.certificate)]
        subprocess.run(words, check=True, stderr=subprocess.DEVNULL)
        self.start()

    def start(self) -> None:
        """Start it on its store."""
        environment = {**os.environ, "STOCKTAKE_BACKEND_JOIN_TOKEN": JOIN, "STOCKTAKE_BACKEND_READ_TOKEN": READ}
        words = [sys.executable, "-I", "-m", "backend.cli", "serve", "--listen", BACKEND.removeprefix("https://")]
        words += ["--tls-cert", str(self.certificate), "--tls-key", str(self._folder / "key.pem")]
        words += ["--store", f"sqlite:///{self._folder}/backend.sqlite"]
        self._process = self._namespace.start(*words, env=environment, stdout=subprocess.PIPE)
        self._process.stdout.readline()

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.communicate()

    def ask(self, path: str) -> Any:
        """Give the answer to a question."""
        status, text = self._namespace.get(BACKEND + path, self.certificate, 60)
        assert status == 200, text
        return json.loads(text)

    def records(self, section: str, kind: str) -> list[dict[str, Any]]:
        """Give the records of a kind of the only host; nothing before it has reported."""
        hosts = self.ask("/v1/hosts")["hosts"]
        if not hosts or section not in hosts[0]["sections"]:
            return []
        found, cursor = [], ""
        while cursor is not None:
            page = self.ask(f"/v1/hosts/{hosts[0]['agent']}/sections/{section}/records?limit=500{cursor}")
            found += [record["fields"] for record in page["records"] if record["kind"] == kind]
            cursor = f"&cursor={page['next']}" if page["next"] else None
        return found


class Pod:
    """The pod of the chart.

    id: Of its container.
    """

    def __init__(self, podman: Podman, namespace: Namespace, folder: Path, values: dict[str, Any]) -> None:
        self.podman, self.namespace = podman, namespace
        self._folder = folder
        project_credentials(folder)
        node = Node("node-1", folder, {"/var/lib/stocktake": folder / "state"})
        self._options = run_options(render(values), node)
        self.start()

    def start(self) -> None:
        """Start a container of it."""
        self.id = self.podman("run", "-d", f"--network=ns:/run/netns/{self.namespace.name}", *self._options)

    def stop(self) -> int:
        """End the container as kubelet does; give its exit code."""
        self.podman("stop", "-t", "20", self.id)
        code = int(self.podman("inspect", self.id, "--format", "{{.State.ExitCode}}"))
        self.podman.remove(self.id)
        return code

    def stocktake(self, *words: str) -> str:
        """Run a command of stocktake in the container, as kubectl exec does."""
        return self.podman("exec", self.id, "stocktake", *words, check=False)

    def python(self, script: str) -> str:
        """Run Python in the container; give what it prints."""
        return self.podman("exec", self.id, "/usr/bin/python3", "-I", "-c", script)

    def sections(self) -> dict[str, dict[str, Any]]:
        """Give how the sections stand."""
        told = self.stocktake("status", "--json")
        return json.loads(told)["sections"] if told else {}

    def probe(self, seconds: float = 5) -> int:
        """Ask as kubelet does; give the status, 0 where there is no answer in time."""
        return self.namespace.get("http://127.0.0.1:9754/healthz", seconds=seconds)[0]


def project_credentials(folder: Path) -> None:
    """Write the secret as kubelet would."""
    (folder / "credentials").mkdir()
    project(folder / "credentials", {"join_token": JOIN.encode()}, 0o400)


def eventually(truth: Any) -> Any:
    """Wait until something is true, and give it."""
    deadline = time.monotonic() + PATIENCE
    while not (found := truth()):
        assert time.monotonic() < deadline, f"it did not come true within {PATIENCE} s"
        time.sleep(0.3)
    return found


@pytest.fixture(scope="session")
def pods(tmp_path_factory, image_archive):
    """podman with the image."""
    needed("curl")
    podman = podman_in(tmp_path_factory.mktemp("pods"))
    podman("load", "-q", "-i", image_archive)
    yield podman
    podman.close()


@pytest.fixture(scope="session")
def namespace():
    """The network namespace of the pod."""
    made = Namespace()
    yield made
    made.close()


@pytest.fixture(scope="session")
def backend(tmp_path_factory, namespace):
    """The backend that the pod reports to."""
    running = Backend(tmp_path_factory.mktemp("backend"), namespace)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def other(pods):
    """Another container on the node: Python, which serves something."""
    script = "import socket, ssl, json; socket.create_server(('0.0.0.0', 8123)).accept()"
    image = pods("images", "--format", "{{.Repository}}:{{.Tag}}", "--filter", "reference=localhost/stocktake")
    words = ["-d", "--name", "other", "--network=none", "--entrypoint", "/usr/bin/python3"]
    return pods("run", *words, image, "-c", script)


@pytest.fixture(scope="session")
def pod(tmp_path_factory, pods, namespace, backend, other):
    """The running pod, with what takes long on a large disk switched off."""
    values = {
        "backend": {"url": BACKEND},
        "joinToken": {"existingSecret": "stocktake-join"},
        "ca": {"value": backend.certificate.read_text()},
        "labels": {"cluster": "test"},
        "config": {
            "delivery": {"splay": "0s", "heartbeat": "10s"},
            "packages": {"parts": ["dpkg"]},
            "integrity": {"enabled": False},
            "compliance": {"enabled": False},
            "usage": {"enabled": True},
        },
    }
    running = Pod(pods, namespace, tmp_path_factory.mktemp("node"), values)
    yield running
    print(pods("logs", running.id))
