from __future__ import annotations

import os
from typing import TYPE_CHECKING

from agent.host.entry_budget import USUAL, Budget
from agent.host.root import HostRoot
from agent.host.status_walk import StatusWalk

if TYPE_CHECKING:
    from pathlib import Path

    from agent.model.records import Gap


def walked(root: Path, budget: Budget = USUAL) -> tuple[list[str], list[Gap], str | None]:
    """Give what a walk shows, what it could not see, and why it ended early."""
    gaps: list[Gap] = []
    with StatusWalk(HostRoot(str(root)), budget, gaps.append) as walk:
        return [f"{folder}/{name}" for folder, name, _ in walk.entries()], gaps, walk.ended


def test_files_and_directories_are_met_once_and_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "b/c").mkdir(parents=True)
    (tmp_path / "b/c/file").touch()
    (tmp_path / "a").touch()
    (tmp_path / "link").symlink_to("b")
    os.mkfifo(tmp_path / "pipe")
    found, gaps, ended = walked(tmp_path)
    assert sorted(found) == ["/a", "/b", "/b/c", "/b/c/file"]
    assert (gaps, ended) == ([], None)


def test_storage_of_containers_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "var/lib/docker/overlay2").mkdir(parents=True)
    found, gaps, _ = walked(tmp_path)
    assert "/var/lib/docker/overlay2" not in found
    assert gaps == []


def test_what_is_denied_is_reported(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o700)
    tmp_path.chmod(0o755)
    root = HostRoot(str(tmp_path))
    os.seteuid(65534)
    try:
        gaps: list[Gap] = []
        with StatusWalk(root, Budget(), gaps.append) as walk:
            list(walk.entries())
    finally:
        os.seteuid(0)
    assert [(gap.subject, gap.reason) for gap in gaps] == [("/closed", "denied")]


def test_it_ends_where_it_has_spent_its_budget(tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / f"d{number}/e").mkdir(parents=True)
    found, _, ended = walked(tmp_path, Budget(entries=5))
    assert ended == "it met 5 names"
    assert len(found) < 8
