from __future__ import annotations

from typing import TYPE_CHECKING

from agent.host.border import Border
from agent.host.descent import Descent
from agent.host.root import HostRoot
from agent.host.steps import enter, leave

if TYPE_CHECKING:
    from pathlib import Path

    from agent.model.records import Gap


def test_what_may_not_be_entered_is_not_and_what_is_gone_is_no_gap(tmp_path: Path) -> None:
    (tmp_path / "var/lib/docker").mkdir(parents=True)
    (tmp_path / "file").touch()
    root = HostRoot(str(tmp_path))
    gaps: list[Gap] = []
    border, descent = Border(root, gaps.append), Descent(root.fileno())
    try:
        assert not enter(descent, "gone", border, gaps.append)
        assert gaps == []
        assert not enter(descent, "file", border, gaps.append)
        assert [gap.subject for gap in gaps] == ["/file"]
        assert enter(descent, "var", border, gaps.append)
        assert enter(descent, "lib", border, gaps.append)
        assert not enter(descent, "docker", border, gaps.append)
        leave(descent, gaps.append)
        assert descent.levels[-1].path == "/var"
    finally:
        descent.close()
        border.close()
