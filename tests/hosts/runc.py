"""Containers made by runc of any tree, without an image: the host's own root by default, below a writable layer."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import uuid
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.hosts.trees import plant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

QUIET = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


class Tree:
    """An overlay on a tree, in a file system in memory of its own."""

    def __init__(self, folder: Path, lower: str = "/", files: Mapping[str, bytes] | None = None) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        subprocess.run(["mount", "-t", "tmpfs", "stocktake", folder], check=True)
        for name in ("rootfs", "upper", "work"):
            (folder / name).mkdir()
        self.root, self.upper = folder / "rootfs", folder / "upper"
        plant(self.upper, files or {})
        layers = f"lowerdir={lower},upperdir={self.upper},workdir={folder}/work"
        subprocess.run(["mount", "-t", "overlay", "stocktake", "-o", layers, self.root], check=True)

    def close(self) -> None:
        """Take it away."""
        subprocess.run(["umount", "-l", self.root], check=True)
        subprocess.run(["umount", "-l", self.folder], check=True)


class Container:
    """A running container; its id is what docker would have given it."""

    def __init__(self, tree: Tree, arguments: Sequence[str], **spec: object) -> None:
        self.tree = tree
        self.id = uuid.uuid4().hex * 2
        self._name = f"stocktake-{os.getpid()}-{self.id[:12]}"
        self._write(list(arguments), spec)
        self._run()

    def _write(self, arguments: list[str], more: Mapping[str, object]) -> None:
        subprocess.run(["runc", "spec"], cwd=self.tree.folder, check=True)
        path = self.tree.folder / "config.json"
        spec = json.loads(path.read_text())
        spec["process"].update(terminal=False, args=arguments, cwd="/")
        spec["process"]["rlimits"] = [{"type": "RLIMIT_NOFILE", "hard": 4096, "soft": 4096}]
        spec["root"]["readonly"] = False
        spec["linux"]["cgroupsPath"] = f"/docker/{self.id}"
        spec["mounts"] += more.get("mounts", [])
        path.write_text(json.dumps(spec))

    def _run(self) -> None:
        log = open(self.tree.folder / "log", "wb")  # noqa: SIM115 - it goes on being written to
        command = ["runc", "run", "-d", "--pid-file", "pid", self._name]
        subprocess.run(command, cwd=self.tree.folder, check=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        log.close()
        self.pid = int((self.tree.folder / "pid").read_text())

    @property
    def is_alive(self) -> bool:
        """Whether its first process is still there."""
        return os.path.exists(f"/proc/{self.pid}/root/")

    def pids(self) -> list[int]:
        """Give all its processes, as the host sees them."""
        done = subprocess.run(["runc", "ps", "-f", "json", self._name], check=True, capture_output=True)
        found: list[int] = json.loads(done.stdout)
        return found

    @property
    def log(self) -> str:
        """What its processes wrote."""
        return (self.tree.folder / "log").read_text(errors="replace")

    def run(self, *words: str) -> str:
        """Run a command in it to its end; give what it wrote."""
        done = subprocess.run(["runc", "exec", self._name, *words], check=True, capture_output=True, text=True)
        return done.stdout

    @contextmanager
    def running(self, *words: str) -> Iterator[None]:
        """Run a command in it that writes a line and then reads until it is left."""
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen(["runc", "exec", self._name, *words], **pipes) as process:
            assert process.stdout.readline()
            yield
            process.stdin.close()

    def close(self) -> None:
        """End it."""
        subprocess.run(["runc", "delete", "-f", self._name], check=False, **QUIET)


class Runc:
    """Makes containers, and takes all of them away at last."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept = ExitStack()
        self._count = 0

    def tree(self, files: Mapping[str, bytes | str] | None = None, lower: str = "/") -> Tree:
        """Make a tree with files of its own."""
        self._count += 1
        written = {path: each.encode() if isinstance(each, str) else each for path, each in (files or {}).items()}
        tree = Tree(self._folder / str(self._count), lower, written)
        self._kept.callback(tree.close)
        return tree

    def start(self, tree: Tree, *arguments: str, **spec: object) -> Container:
        """Start a container in a tree."""
        container = Container(tree, arguments, **spec)
        self._kept.callback(container.close)
        return container

    def empty(self) -> str:
        """Give an empty directory to make a tree of."""
        folder = self._folder / "empty"
        folder.mkdir(exist_ok=True, parents=True)
        return str(folder)

    def close(self) -> None:
        """Take all away, the last first."""
        self._kept.close()


def require_runc() -> None:
    """Skip where no container can be made."""
    if os.geteuid() != 0 or not shutil.which("runc"):
        pytest.skip("needs root and runc")
