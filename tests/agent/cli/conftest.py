"""A small Debian root, and the command to look at it with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.agent.cli.command import Command
from tests.agent.worker.processes import Collectors
from tests.hosts.trees import STATUS, plant, stanza

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with two packages, which ship nothing."""
    lists = {f"var/lib/dpkg/info/{name}.list": b"/.\n" for name in ("a", "b")}
    return plant(tmp_path / "root", {STATUS: stanza("a") + stanza("b"), "etc/os-release": b"ID=debian\n", **lists})


@pytest.fixture
def collectors(tmp_path: Path) -> Collectors:
    return Collectors(tmp_path / "more")


@pytest.fixture
def stocktake(tmp_path: Path, collectors: Collectors) -> Command:
    return Command(tmp_path / "state", collectors)
