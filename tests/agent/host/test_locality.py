from __future__ import annotations

from typing import TYPE_CHECKING

from agent.host.locality import Locality
from agent.host.root import HostRoot
from tests.hosts.fuse import unanswered

if TYPE_CHECKING:
    from pathlib import Path


def test_a_path_is_given_without_its_links_whether_it_is_there_or_not(tmp_path: Path) -> None:
    (tmp_path / "srv/deep").mkdir(parents=True)
    (tmp_path / "home").symlink_to("srv")
    (tmp_path / "srv/up").symlink_to("../home/deep/../deep")
    (tmp_path / "abs").symlink_to("/home/deep")
    with Locality(HostRoot(str(tmp_path))) as locality:
        assert locality.resolve("/home/deep/absent/file") == "/srv/deep/absent/file"
        assert locality.resolve("/home/up/./x") == "/srv/deep/x"
        assert locality.resolve("/abs/../../../..") == "/"


def test_links_without_end_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop/x")
    with Locality(HostRoot(str(tmp_path))) as locality:
        assert locality.resolve("/loop/y") is None


def test_mounts_below_directories_that_a_walk_leaves_out_are_seen(tmp_path: Path) -> None:
    (tmp_path / "snap/tea").mkdir(parents=True)
    with Locality(HostRoot(str(tmp_path))) as locality, unanswered(tmp_path / "snap/tea"):
        assert locality.resolve("/snap/tea/7") is None
        assert locality.resolve("/snap") == "/snap"


def test_what_nobody_answers_for_is_not_touched(tmp_path: Path) -> None:
    """Every look at such a file system would hang."""
    (tmp_path / "home/alice").mkdir(parents=True)
    (tmp_path / "bob").symlink_to("home/alice/x")
    with Locality(HostRoot(str(tmp_path))) as locality:
        assert locality.resolve("/bob") == "/home/alice/x"
        with unanswered(tmp_path / "home/alice"):
            assert locality.resolve("/home/alice/x") is None
            assert locality.resolve("/bob/y") is None
            assert locality.resolve("/home") == "/home"
            assert locality.is_remote("/home", "alice")
        assert not locality.is_remote("/home", "alice")
