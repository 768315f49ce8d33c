"""A real Debian 12 with a kernel of its own in QEMU, emulated, where the limits of a service's memory hold."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.hosts.kept import kept, run

if TYPE_CHECKING:
    from pathlib import Path

_PARTS = "systemd,systemd-sysv,dbus,python3,linux-image-cloud-amd64"
_UNIT = """[Unit]
After=multi-user.target

[Service]
Type=oneshot
StandardOutput=file:/dev/ttyS0
StandardError=file:/dev/ttyS0
ExecStart=/bin/sh /root/script
ExecStopPost=/bin/systemctl --no-block poweroff

[Install]
WantedBy=multi-user.target
"""


def results(script: str, package: Path, folder: Path, seconds: int) -> dict[str, str]:
    """Run a script as root in the machine; give the lines `RESULT name value` that it prints.

    package: A file that is put into /root beside the script.
    folder: Where the machine's disk is made.
    """
    for program in ("qemu-system-x86_64", "mke2fs", "mmdebstrap"):
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")
    root = folder / "root"
    root.mkdir()
    subprocess.run(["tar", "-xf", _archive(), "-C", root, "--exclude=./dev/*"], check=True)
    shutil.copy(package, root / "root")
    (root / "root/script").write_text(script)
    (root / "etc/systemd/system/script.service").write_text(_UNIT)
    wants = root / "etc/systemd/system/multi-user.target.wants"
    wants.mkdir(exist_ok=True)
    (wants / "script.service").symlink_to("../script.service")
    # A login on the console would hang up whoever writes to it.
    (root / "etc/systemd/system/serial-getty@ttyS0.service").symlink_to("/dev/null")
    said = _boot(root, folder / "disk", folder / "console", seconds)
    lines = (line.partition("RESULT ")[2].partition(" ") for line in said.splitlines() if "RESULT " in line)
    return {name: value.strip() for name, _, value in lines}


def _boot(root: Path, disk: Path, console: Path, seconds: int) -> str:
    with open(disk, "wb") as file:
        file.truncate(1500 * 1024 * 1024)
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", root, disk], check=True)
    [kernel], [initrd] = (root / "boot").glob("vmlinuz-*"), (root / "boot").glob("initrd.img-*")
    command = [
        "qemu-system-x86_64",
        "-machine",
        "q35",
        "-cpu",
        "max",
        "-accel",
        "tcg,thread=multi",
        "-smp",
        "2",
        "-m",
        "1024",
    ]
    command += ["-nographic", "-no-reboot", "-nic", "none", "-kernel", str(kernel), "-initrd", str(initrd)]
    command += ["-append", "root=/dev/vda rw console=ttyS0 quiet", "-drive", f"file={disk},format=raw,if=virtio"]
    with open(console, "wb") as said:
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, timeout=seconds, check=False)
    return console.read_text("utf-8", "replace")


def _archive() -> Path:
    command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={_PARTS}", "bookworm"]
    return kept("debian-12-emulated", " ".join(command), lambda folder: run(*command, folder / "root.tar")) / "root.tar"
