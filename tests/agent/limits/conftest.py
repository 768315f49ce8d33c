"""A process of its own for each confinement, which nothing can take back."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CONFINED = """
import ctypes, errno, os, resource, signal, socket, sys
from agent import limits

libc = ctypes.CDLL(None, use_errno=True)

def answer(result):
    return errno.errorcode[ctypes.get_errno()] if result == -1 else "allowed"

def attempt(act):
    try:
        act()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "allowed"

def apply(memory=64, seconds=20, writable=(os.getcwd(),), network=False, traces=False):
    return limits.apply(memory, seconds, writable, network=network, traces=traces)
"""


@pytest.fixture
def script() -> Callable[[str], list[str]]:
    """Words that run some lines of Python behind names to confine with."""
    return lambda lines: [sys.executable, "-I", "-W", "ignore", "-c", CONFINED + lines]


@pytest.fixture
def confined(tmp_path: Path, script: Callable[[str], list[str]]) -> Callable[[str], list[str]]:
    """Runs some lines of Python in the folder `inside`, the only one they may write to, and gives what they print."""
    inside = tmp_path / "inside"
    inside.mkdir()

    def run(lines: str) -> list[str]:
        done = subprocess.run(script(lines), cwd=inside, capture_output=True, text=True, check=False, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.splitlines()

    return run


@pytest.fixture
def landlock() -> None:
    """Skips where the kernel has no Landlock, as landlock_create_ruleset(2) tells."""
    version_of_the_interface = 1
    if ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), version_of_the_interface) < 1:
        pytest.skip("this kernel has no Landlock")
