"""Real distributions, booted with their real systemd in systemd-nspawn; their roots are made once and kept."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.hosts.debian import unpacked
from tests.hosts.kept import kept, run

PATIENCE = 300
_CALLS = (
    *("landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"),
    *("fanotify_init", "fanotify_mark", "open_by_handle_at"),
)
"""System calls that a host has, and that nspawn's own filter would refuse."""
_UBUNTU = "http://archive.ubuntu.com/ubuntu"


class Release(NamedTuple):
    """A distribution that is booted.

    suite: As mmdebstrap knows it.
    parts: Packages beside the minimum and systemd.
    mirror: Where from; None for what this machine uses.
    """

    suite: str
    parts: tuple[str, ...] = ()
    mirror: str | None = None


RELEASES = {
    "debian-12": Release("bookworm", ("rpm",)),
    "debian-13": Release("trixie"),
    "ubuntu-24.04": Release("noble", mirror=_UBUNTU),
}


class Machine:
    """A booted root; what it runs ends with it.

    root: Its root directory, of this machine.
    leader: Its first process, as this machine numbers it.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._name = f"stocktake-{os.getpid()}-{root.name}"
        self._log = open(root.with_suffix(".log"), "wb")  # noqa: SIM115 - for as long as it runs
        command = ["systemd-nspawn", "--quiet", f"--directory={root}", f"--machine={self._name}", "--boot"]
        options = ["--register=no", "--keep-unit", "--private-network", "--console=pipe", "--capability=all"]
        self._nspawn = subprocess.Popen(
            [*command, *options, f"--system-call-filter={' '.join(_CALLS)}"],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        self.leader = self._find_leader()
        wait_for(lambda: self.says("systemctl", "is-system-running") in ("running", "degraded"))

    def run(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a program in it as root."""
        enter = ["nsenter", f"--target={self.leader}", *("--mount", "--pid", "--uts", "--net", "--ipc", "--cgroup")]
        environment = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8"]
        command = [*enter, "--root", "--wd", "--", *environment, "DEBIAN_FRONTEND=noninteractive", *words]
        return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)

    def says(self, *words: str) -> str:
        """Give what a program prints, whatever its exit code."""
        return self.run(*words).stdout.strip()

    def does(self, *words: str) -> str:
        """Run a program that must succeed; give what it prints."""
        done = self.run(*words)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def property(self, unit: str, name: str) -> str:
        """Give a property of a unit."""
        return self.says("systemctl", "show", "--value", f"--property={name}", unit)

    def stop(self) -> None:
        """End it, at once."""
        os.kill(self.leader, signal.SIGKILL)
        self._nspawn.wait(30)
        self._log.close()

    def _find_leader(self) -> int:
        children = Path(f"/proc/{self._nspawn.pid}/task/{self._nspawn.pid}/children")
        found: list[int] = []

        def is_there() -> bool:
            assert self._nspawn.poll() is None, "systemd-nspawn ended; see its log"
            found[:] = [
                int(child)
                for child in children.read_text().split()
                if Path(f"/proc/{child}/comm").read_text() == "systemd\n"
            ]
            return bool(found)

        wait_for(is_there)
        return found[0]


def boot(name: str, folder: Path) -> Machine:
    """Boot a fresh root of a release; the test is skipped where its root cannot be had."""
    if os.geteuid() != 0:
        pytest.skip("booting takes root")
    if not shutil.which("systemd-nspawn"):
        pytest.skip("systemd-nspawn is not installed")
    root = unpacked(archive_of_system(name), folder / name)
    (root / "etc/hostname").write_text(f"{name.replace('.', '-')}\n")
    return Machine(root)


def archive_of_system(name: str) -> Path:
    """Give a tar archive of a release with systemd and Python, kept from run to run."""
    release = RELEASES[name]
    parts = ",".join(("apt", "systemd", "systemd-sysv", "dbus", "python3", *release.parts))
    command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={parts}"]
    command += ['--aptopt=Acquire::http::Timeout "20"', '--aptopt=Acquire::Retries "1"', release.suite]

    def make(folder: Path) -> None:
        with tempfile.NamedTemporaryFile() as keys:  # where apt's own user can read it, too
            keys.write(_keyring().read_bytes() if release.mirror else b"")
            keys.flush()
            os.chmod(keys.name, 0o644)
            foreign = [release.mirror, f"--keyring={keys.name}"] if release.mirror else []
            run(*command, folder / "root.tar", *foreign)

    return kept(f"{name}-system", " ".join(command), make) / "root.tar"


def wait_for(truth) -> None:
    """Wait until something that other processes bring about is true."""
    deadline = time.monotonic() + PATIENCE
    while not truth():
        assert time.monotonic() < deadline, "it did not come true within five minutes"
        time.sleep(0.1)


def _keyring() -> Path:
    """Give the keys of Ubuntu's archive, which Debian has from version 13 on."""
    command = ["mmdebstrap", "--quiet", "--variant=extract", "--include=ubuntu-archive-keyring", "trixie"]
    folder = kept("ubuntu-keyring", " ".join(command), lambda folder: run(*command, folder))
    return folder / "usr/share/keyrings/ubuntu-archive-keyring.gpg"
