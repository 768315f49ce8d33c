"""agent/host/watched.py: where trees really are, which a walk over them shows."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from agent.host.root import HostRoot
from agent.host.watched import Tree
from tests.agent.host.entry_walking import met
from tests.hosts.trees import plant


def test_the_directory_of_a_tree_is_met_and_what_leads_to_it_is_not(tmp_path: Path) -> None:
    plant(tmp_path, {"a/b/c": b"", "a/x": b"", "y": b""})
    assert met(tmp_path, "/a/b").paths == ["/a/b", "/a/b/c"]


def test_what_leads_to_a_tree_comes_in_the_order_of_the_tree(tmp_path: Path) -> None:
    plant(tmp_path, {"a/x": b"", "a-b/c": b"", "a-c": b"", 'q"/\xff/c': b"", 'q"-/c': b""})
    found = met(tmp_path, "/a", "/a-b/c", "/a-c", 'q"/\xff/c', '/q"-')
    assert found.paths == ["/a", "/a-b/c", "/a-c", "/a/x", '/q"-', '/q"-/c', '/q"/\xff/c']


def test_a_tree_may_be_a_file(tmp_path: Path) -> None:
    plant(tmp_path, {"a/b": b"", "a/c": b""})
    assert met(tmp_path, "/a/b").paths == ["/a/b"]


def test_trees_in_each_other_or_named_twice_are_met_once(tmp_path: Path) -> None:
    plant(tmp_path, {"a/b/c": b"", "a-b": b"", "a/b-": b""})
    assert met(tmp_path, "/a/b", "/a", "/a//b/", "/a/./b/../b", "/a-b").paths == [
        "/a",
        "/a-b",
        "/a/b",
        "/a/b-",
        "/a/b/c",
    ]


@pytest.mark.parametrize(
    ("depth", "paths"),
    [
        (0, ["/a"]),
        (1, ["/a", "/a/b", "/a/z"]),
        (2, ["/a", "/a/b", "/a/b/c", "/a/z"]),
        (None, ["/a", "/a/b", "/a/b/c", "/a/b/c/d", "/a/z"]),
    ],
)
def test_a_tree_is_met_to_its_depth(tmp_path: Path, depth: int | None, paths: list[str]) -> None:
    plant(tmp_path, {"a/b/c/d": b"", "a/z": b""})
    assert met(tmp_path, Tree("/a", depth)).paths == paths


def test_a_tree_below_the_depth_of_another_is_met(tmp_path: Path) -> None:
    plant(tmp_path, {"a/b/c/d/e": b"", "a/b/x/y": b""})
    trees = (Tree("/a", 1), Tree("/a/b/c/d"), Tree("/a", 0))
    assert met(tmp_path, *trees).paths == ["/a", "/a/b", "/a/b/c/d", "/a/b/c/d/e"]


def test_trees_that_do_not_exist_are_no_gap(tmp_path: Path) -> None:
    plant(tmp_path, {"a": b""})
    found = met(tmp_path, "/b", "/a/b", "/b/c/d")
    assert (found.paths, found.gaps) == ([], [])


def test_a_tree_behind_links_is_met_where_it_is_and_so_are_the_links(tmp_path: Path) -> None:
    plant(tmp_path, {"usr/bin/x": b"", "usr/bin/y": b"", "usr/lib/z": b""})
    (tmp_path / "bin").symlink_to("usr/bin")
    (tmp_path / "lib").symlink_to("/usr/lib")
    (tmp_path / "usr/bin/sh").symlink_to("../bin/x")
    found = met(tmp_path, "/bin/x", "/usr/bin/x", "/lib", "/bin/sh")
    assert found.paths == ["/bin", "/lib", "/usr/bin/sh", "/usr/bin/x", "/usr/lib", "/usr/lib/z"]


def test_links_lead_no_way_out_of_the_root(tmp_path: Path) -> None:
    plant(tmp_path, {"root/etc/passwd": b"", "etc/secret": b""})
    (tmp_path / "root/out").symlink_to("../../../..")
    (tmp_path / "root/dangling").symlink_to("nowhere")
    assert met(tmp_path / "root", "/out/etc", "/dangling").paths == ["/dangling", "/etc", "/etc/passwd", "/out"]


def test_links_that_lead_in_circles_are_a_gap(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    found = met(tmp_path, "/a/x", "/b")
    assert found.hidden == [("/a/x", "escapes", "/a/x"), ("/b", "escapes", "/b")]


def test_a_chain_of_forty_links_is_followed(tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"{number:02}").symlink_to(f"{number + 1:02}")
    plant(tmp_path, {"40/file": b""})
    found = met(tmp_path, "/00")
    assert (found.paths[-1], len(found.paths), found.gaps) == ("/40/file", 42, [])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give up its privileges")
def test_a_tree_that_cannot_be_looked_at_is_a_gap(tmp_path: Path) -> None:
    plant(tmp_path, {"a/b/c": b"", "d": b""})
    tmp_path.chmod(0o755)
    (tmp_path / "a").chmod(0)
    root = HostRoot(str(tmp_path))
    found = met(root, "/a/b/c", "/d", uid=65534)
    assert (found.paths, found.hidden) == (["/d"], [("/a/b/c", "denied", "/a/b/c")])


@pytest.mark.parametrize(
    ("tree", "paths"),
    [
        ("/home/*/.ssh", ["/home/ann/.ssh", "/home/ann/.ssh/id", "/home/bob/.ssh"]),
        ("/home/a*/.s*", ["/home/ann/.ssh", "/home/ann/.ssh/id"]),
        ("/*/ann", ["/home/ann", "/home/ann/.ssh", "/home/ann/.ssh/id"]),
        ("/home/.*/.ssh", ["/home/.dot/.ssh"]),
        ("/home/[a]*", []),
        ("/nothing/*/x", []),
        ("/home/file/*", []),
        ("/home/a*/nothing", []),
    ],
)
def test_a_star_stands_for_any_characters_of_a_name_but_a_dot_at_its_start(
    tmp_path: Path, tree: str, paths: list[str]
) -> None:
    (plant(tmp_path, {"home/ann/.ssh/id": b"", "home/file": b"", "home/.dot/x": b""}) / "home/bob/.ssh").mkdir(
        parents=True
    )
    (tmp_path / "home/.dot/.ssh").mkdir()
    found = met(tmp_path, tree)
    assert (found.paths, found.gaps) == (paths, [])


def test_a_star_that_a_name_has_itself_stands_for_nothing_else(tmp_path: Path) -> None:
    plant(tmp_path, {"home/*/x": b"", "home/b/x": b"", "home/b/y": b""})
    assert met(tmp_path, "/home/*/x").paths == ["/home/*/x", "/home/b/x"]


def test_stars_behind_links_are_found_where_these_lead_and_never_outside_of_the_root(tmp_path: Path) -> None:
    plant(tmp_path, {"root/data/ann/.ssh": b"", "outside/eve/.ssh": b""})
    (tmp_path / "root/home").symlink_to("data")
    (tmp_path / "root/out").symlink_to(tmp_path / "outside")
    assert met(tmp_path / "root", "/home/*/.ssh", "/out/*/.ssh").paths == ["/data/ann/.ssh", "/home"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
def test_a_directory_that_cannot_be_listed_for_a_star_is_a_gap() -> None:
    with TemporaryDirectory() as folder:
        root = plant(Path(folder), {"home/ann/x": b""})
        root.chmod(0o755)
        (root / "home").chmod(0o711)
        assert met(root, "/home/*/x", uid=1234).hidden == [("/home", "denied", "/home/")]
