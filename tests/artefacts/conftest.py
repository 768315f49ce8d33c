"""What is made once of the artefacts."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def deb(dist: Path) -> Path:
    """The agent's .deb for x86-64."""
    return next(dist.glob("stocktake_*_amd64.deb"))


@pytest.fixture(scope="session")
def rpm(dist: Path) -> Path:
    """The agent's .rpm for x86-64."""
    return next(dist.glob("stocktake-0*.x86_64.rpm"))


@pytest.fixture(scope="session")
def pyz(dist: Path) -> Path:
    """The single file."""
    return next(dist.glob("*.pyz"))


@pytest.fixture(scope="session")
def tree(deb: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the agent's .deb for x86-64 holds, unpacked."""
    folder = tmp_path_factory.mktemp("tree")
    subprocess.run(["dpkg-deb", "-x", deb, folder], check=True)
    return folder
