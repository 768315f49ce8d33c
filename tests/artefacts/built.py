"""Artefacts as packaging/build makes them, once for all tests that use them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def build(target: str, folder: Path, *words: str) -> list[Path]:
    """Build a target into a folder; give the paths that were printed."""
    command = [sys.executable, "-m", "artefacts", target, "--output", str(folder), *words]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'packaging'}"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [Path(line) for line in done.stdout.splitlines()]


def needed(program: str) -> str:
    """Give the path of a program; without it the test is skipped."""
    return shutil.which(program) or pytest.skip(f"{program} is not installed")


@pytest.fixture(scope="session")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    """What was printed when every package and the single file were built, by target."""
    folder = tmp_path_factory.mktemp("dist")
    return {target: build(target, folder) for target in ("deb", "rpm", "zipapp")}


@pytest.fixture(scope="session")
def dist(printed: dict[str, list[Path]]) -> Path:
    """A folder with every package and the single file."""
    return printed["zipapp"][-1].parent


@pytest.fixture(scope="session")
def image_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The image as an archive, with the folder of the Dockerfile beside it."""
    needed("mmdebstrap")
    return build("image", tmp_path_factory.mktemp("image"))[-1]
