"""Real containers of podman, in a storage of their own, of images that tests make from a few files."""

from __future__ import annotations

import io
import itertools
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

BUSYBOX = "/bin/busybox"
SLEEP = (BUSYBOX, "sleep", "3600")
_CONFIGURATION = """
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=32768:32768"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""
"""As it has to be on the test machine, whose hard limits root cannot raise; runc knows hybrid control groups."""
_numbers = itertools.count()


class Podman:
    """podman with its own storage below a folder; to be closed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "containers.conf").write_text(_CONFIGURATION)
        self._run = Path(tempfile.mkdtemp(prefix="stocktake-", dir="/run"))  # podman takes 50 characters at most
        self._words = [
            "podman",
            *("--root", str(folder / "storage"), "--runroot", str(self._run), "--tmpdir", str(folder / "tmp")),
            *("--cgroup-manager", "cgroupfs", "--storage-driver", "overlay"),
        ]
        self._environment = {**os.environ, "CONTAINERS_CONF": str(folder / "containers.conf")}

    def __call__(self, *words: str | Path, check: bool = True, stdin: bytes | None = None) -> str:
        """Run a command of podman and give what it prints."""
        done = subprocess.run([*self._words, *map(str, words)], env=self._environment, input=stdin, capture_output=True)
        assert not check or done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()

    def image(
        self,
        files: Mapping[str, bytes] = {},
        archive: Path | None = None,
        command: tuple[str, ...] = (),
    ) -> str:
        """Make an image of a static busybox and some files, or of an archive; give its name.

        command: What it runs unless told otherwise.
        """
        name = f"localhost/stocktake-{os.getpid()}-{next(_numbers)}:1"
        change = ["--change", f"CMD {json.dumps(command)}"] if command else []
        if archive:
            self("import", *change, archive, name)
        else:
            self("import", *change, "-", name, stdin=packed(files))
        return name

    def run(self, image: str, *options: str, command: tuple[str, ...] = SLEEP) -> str:
        """Start a container; give its id."""
        return self("run", "-d", "--network=none", *options, image, *command)

    def shell(self, container: str, script: str) -> str:
        """Run a script in a container."""
        return self("exec", container, BUSYBOX, "sh", "-c", script)

    def pid(self, container: str) -> int:
        """Give the first process of a container as the host sees it."""
        return int(self("inspect", container, "--format", "{{.State.Pid}}"))

    def inspect(self, container: str) -> dict[str, object]:
        """Give what podman itself says of a container."""
        told: list[dict[str, object]] = json.loads(self("inspect", container))
        return told[0]

    def remove(self, *containers: str) -> None:
        """Remove containers, running or not; all without names."""
        self("rm", "-f", "-t", "0", *(containers or ("--all",)))

    def close(self) -> None:
        """Remove everything."""
        self("rm", "-f", "-t", "0", "--all", check=False)
        self("umount", "--all", check=False)
        for line in reversed(Path("/proc/self/mountinfo").read_text().splitlines()):
            point = line.split()[4]
            if point.startswith((f"{self.folder}/", f"{self._run}/")):
                subprocess.run(["umount", "-l", point], check=False)
        for folder in (self.folder, self._run):
            shutil.rmtree(folder, ignore_errors=True)


def podman_in(folder: Path) -> Podman:
    """Give podman; where it cannot start a container the test is skipped with the reason."""
    if os.geteuid() != 0:
        pytest.skip("needs root")
    missing = [program for program in ("podman", "runc", "busybox") if not shutil.which(program)]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    podman = Podman(folder)
    try:
        image = podman.image()
        podman.remove(podman.run(image))
    except AssertionError as error:
        podman.close()
        pytest.skip(f"podman cannot run a container here: {error}")
    return podman


def packed(files: Mapping[str, bytes]) -> bytes:
    """Give a tar archive of a static busybox and some files; those in a bin directory may be executed."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.add(os.path.realpath(shutil.which("busybox") or BUSYBOX), BUSYBOX[1:])
        for name in ("proc", "sys", "dev", "tmp", "etc"):
            directory = tarfile.TarInfo(name)
            directory.type, directory.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(directory)
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o755 if "bin/" in name else 0o644
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()
