"""What the whole program says of the containers of a test."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from agent.model.settings import Settings
from agent.worker.collect import options_for
from tests.agent.worker.processes import Collectors, Workers

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

CLI = [sys.executable, "-I", "-m", "agent.cli"]


class Found(NamedTuple):
    """The records of one look.

    containers: By id.
    contents: By id.
    packages: By the id of their contents and their name.
    gaps: All of them.
    """

    containers: dict[str, Any]
    contents: dict[str, Any]
    packages: dict[str, dict[str, Any]]
    gaps: list[Any]

    def inside(self, container: str) -> dict[str, Any]:
        """Give the packages in a container by name."""
        return self.packages.get(self.containers[container]["contents"], {})

    def contents_of(self, container: str) -> Any:
        """Give the contents of a container."""
        return self.contents[self.containers[container]["contents"]]

    def gaps_of(self, container: str) -> list[Any]:
        """Give the gaps that speak of a container or of what is in it."""
        marks = container, self.containers.get(container, {}).get("contents") or container
        return [gap for gap in self.gaps if any(mark in gap["subject"] for mark in marks)]


def scan(*words: str) -> Found:
    """Look once, as a person would, with nothing kept."""
    done = subprocess.run(
        [*CLI, "scan", "containers", "--format", "ndjson", *words], capture_output=True, text=True, timeout=300
    )
    assert done.returncode in (0, 3), done.stderr
    return sorted_out(json.loads(line) for line in done.stdout.splitlines())


class Kept:
    """Looks of the daemon's worker, each of which becomes the snapshot that the next one compares with."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        (folder / "state").mkdir(mode=0o700)
        self.settings = Settings(state_dir=str(folder / "state"), containers_enabled=True, **settings)
        self._workers = Workers(self.settings, Collectors(folder / "more"))

    def look(self) -> Found:
        """Look once."""
        report, code = self._workers.run("collect", "containers")
        assert report["status"] in ("complete", "partial"), report
        assert code == 0
        records = options_for(self.settings, "containers").previous()
        return sorted_out({"kind": record.KIND, "key": record.key, **vars(record)} for record in records)


def sorted_out(records: Iterable[Any]) -> Found:
    """Sort records by what they are."""
    found = Found({}, {}, {}, [])
    for record in records:
        if record["kind"] == "container":
            found.containers[record["id"]] = record
        elif record["kind"] == "container_contents":
            found.contents[record["id"]] = record
        elif record["kind"] == "contained_package":
            found.packages.setdefault(record["contents"], {})[record["name"]] = record
        elif record["kind"] == "gap":
            found.gaps.append(record)
    return found
