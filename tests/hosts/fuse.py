"""A file system that nobody answers for: every look at it waits."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE = 20
"""Seconds after which a look that waits gets an error, so that a test fails and does not hang."""


@contextmanager
def unanswered(path: Path) -> Iterator[None]:
    """Mount a FUSE file system without a process behind it."""
    if not os.path.exists("/dev/fuse"):
        pytest.skip("there is no /dev/fuse")
    device = open("/dev/fuse", "r+b", buffering=0)  # noqa: SIM115 - whoever is first closes it, the timer or the end
    options = f"fd={device.fileno()},rootmode=40000,user_id=0,group_id=0"
    command = ["mount", "-i", "-t", "fuse", "-o", options, "nobody", str(path)]
    mounted = subprocess.run(command, pass_fds=(device.fileno(),), capture_output=True, text=True, check=False)
    giving_up = Timer(PATIENCE, device.close)
    giving_up.start()
    try:
        if mounted.returncode:
            pytest.skip(f"FUSE cannot be mounted: {mounted.stderr}")
        yield
    finally:
        giving_up.cancel()
        subprocess.run(["umount", "-l", str(path)], capture_output=True, check=False)
        waited = device.closed
        device.close()
    assert not waited, "somebody looked at it"
