"""The wheels that a lock names, fetched once, each of a digest that the lock allows."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from typing import TYPE_CHECKING

from artefacts.source import made_once

if TYPE_CHECKING:
    from pathlib import Path


def fetch(lock: Path, machine: str, python: str) -> list[Path]:
    """Give the wheels of a lock; nothing is taken that the lock does not name with its digest.

    machine: As uname writes it; wheels with compiled parts are those of its GNU C library 2.17 and later.
    python: The oldest Python that the wheels must run on.
    """
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()[:16]

    def make(folder: Path) -> None:
        subprocess.run([*_download(lock, machine, python), "--dest", str(folder)], check=True, stdout=sys.stderr)

    return sorted(made_once(f"wheels/{digest}-{machine}", make).iterdir())


def _download(lock: Path, machine: str, python: str) -> list[str]:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "-qq", "--no-deps"]
    exact = ["--require-hashes", "--only-binary=:all:", "--requirement", str(lock)]
    tags = [f"--python-version={python}", "--implementation=cp", "--abi=abi3", f"--abi=cp{python.replace('.', '')}"]
    platforms = [f"--platform={tag}" for tag in (f"manylinux2014_{machine}", f"manylinux_2_17_{machine}", "any")]
    return [*pip, *exact, *tags, "--abi=none", *platforms]
