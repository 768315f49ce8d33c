"""A small Debian root, and workers that look at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agent.model.settings import Settings
from tests.agent.worker.processes import Collectors, Workers
from tests.hosts.trees import STATUS, plant, stanza

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with two packages."""
    return plant(tmp_path / "root", {STATUS: stanza("a") + stanza("b"), "etc/os-release": b"ID=debian\n"})


@pytest.fixture
def collectors(tmp_path: Path) -> Collectors:
    return Collectors(tmp_path / "more")


@pytest.fixture
def workers(tmp_path: Path, root: Path, collectors: Collectors) -> Workers:
    (tmp_path / "state").mkdir(mode=0o700)
    return Workers(Settings(state_dir=str(tmp_path / "state"), root=str(root), packages_parts=("dpkg",)), collectors)
