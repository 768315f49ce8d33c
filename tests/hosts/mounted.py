"""Real mounts for tests, taken away again."""

from __future__ import annotations

import ctypes
import os
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MNT_FORCE_DETACH = 0x1 | 0x2


@contextmanager
def mounted(point: Path, *arguments: str | Path) -> Iterator[Path]:
    """Mount something with the words of mount(8) while the block runs; skip the test where that is not permitted."""
    point.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["mount", *arguments, point], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"mount: {done.stderr.strip()}")
    try:
        yield point
    finally:
        subprocess.run(["umount", "-l", point], check=True)


@contextmanager
def unanswered(point: Path) -> Iterator[Path]:
    """Mount a FUSE file system whose server never answers: whoever looks at it waits until the block ends."""
    point.mkdir(parents=True, exist_ok=True)
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        server = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        pytest.skip(f"/dev/fuse: {error.strerror}")
    options = f"fd={server},rootmode=40000,user_id=0,group_id=0".encode()
    if libc.mount(b"trap", os.fsencode(point), b"fuse.trap", 0, options):
        os.close(server)
        pytest.skip(f"mount: {os.strerror(ctypes.get_errno())}")
    try:
        yield point
    finally:
        libc.umount2(os.fsencode(point), _MNT_FORCE_DETACH)
        os.close(server)
