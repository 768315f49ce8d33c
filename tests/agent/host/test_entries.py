"""agent/host/entries.py on trees of every kind, hostile ones among them; test_entry_mounts.py has those with mounts."""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agent.host.watched import Tree
from tests.agent.host.entry_walking import met
from tests.hosts.mounted import mounted
from tests.hosts.trees import plant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from agent.host.entries import Entry

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may")
NASTY = [
    b"a",
    b"b",
    b"!",
    b" ",
    b'"',
    b"\\",
    b"-",
    b".",
    b"0",
    b"x",
    b"x5c",
    b"\\xff",
    b"\n",
    b"\x01",
    b"\x7f",
    b"\xff",
    "é".encode(),
]
NAMES = (
    st.lists(st.sampled_from(NASTY), min_size=1, max_size=4)
    .map(b"".join)
    .filter(lambda name: name not in (b".", b".."))
)


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A root in memory for trees that are too wide to be made on a disk and too deep for Python to remove."""
    with mounted(tmp_path / "root", "-t", "tmpfs", "none") as point:
        yield point


def everything(top: bytes) -> set[str]:
    """Give all paths below a directory, and itself, as the walk should."""
    found = {"/"}
    for folder, directories, files in os.walk(top):
        found.update(os.fsdecode(folder[len(top) :] + b"/" + name) for name in (*directories, *files))
    return found


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(NAMES, min_size=1, max_size=3), max_size=12))
@example([[b"a", b"x"], [b"a-b", b"x"], [b"a b"], [b"a"], [b"a!"], [b'a"', b"x"], [b"a\\", b"x"], [b"!x"], [b" "]])
@example([[b"\xff", b"\\x5c"], [b"\\\xff"], [b"\\\\x5c", b"\n"], ["é".encode(), b"\xe9"]])
def test_paths_come_in_the_order_of_their_keys_whatever_their_names(paths: list[list[bytes]]) -> None:
    """met() requires the order."""
    with tempfile.TemporaryDirectory() as folder:
        top = os.fsencode(folder)
        for path in paths:
            try:
                os.makedirs(b"/".join((top, *path)), exist_ok=True)
            except FileExistsError:
                continue
        assert set(met(folder).paths) == everything(top)


def test_every_type_of_file_is_met_with_its_status(tmp_path: Path) -> None:
    plant(tmp_path, {"dir/file": b"abc"})
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("dir")
    os.link(tmp_path / "dir/file", tmp_path / "twin")
    entries = met(tmp_path).entries
    assert list(entries) == ["/", "/dir", "/dir/file", "/fifo", "/link", "/twin"]
    assert [entries[path].status for path in entries] == [(tmp_path / path[1:]).lstat() for path in entries]


def test_a_name_leads_to_its_file_while_it_is_shown(tmp_path: Path) -> None:
    plant(tmp_path, {"a/b/c": b"1", "a/d": b"2", "e": b"3"})
    same: list[bool] = []

    def look(entry: Entry) -> None:
        again = os.stat(entry.name, dir_fd=entry.directory_fd, follow_symlinks=False)
        same.append(os.path.samestat(again, entry.status))

    met(tmp_path, each=look)
    assert same == [True] * 6


def test_the_directory_of_a_tree_is_met_and_what_leads_to_it_is_not(tmp_path: Path) -> None:
    plant(tmp_path, {"a/b/c": b"", "a/x": b"", "y": b""})
    assert met(tmp_path, "/a/b").paths == ["/a/b", "/a/b/c"]


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


def test_excluded_paths_are_left_out_with_all_below(tmp_path: Path) -> None:
    plant(tmp_path, {"a/log/x": b"", "a/log2": b"", "b/c.pyc": b"", "b/c.py": b"", "c/d/e/f": b"", "c/d/g": b""})
    found = met(tmp_path, excluded=("/a/log", "/**/*.pyc", "/c/**/f"))
    assert found.paths == ["/", "/a", "/a/log2", "/b", "/b/c.py", "/c", "/c/d", "/c/d/e", "/c/d/g"]
    assert found.gaps == []


def test_a_tree_that_is_excluded_is_left_out(tmp_path: Path) -> None:
    plant(tmp_path, {"var/log/audit/x": b"", "var/lib/y": b""})
    assert met(tmp_path, "/var/log/audit", "/var/lib", excluded=("/var/log",)).paths == ["/var/lib", "/var/lib/y"]


def test_storage_of_containers_is_left_out_and_told(tmp_path: Path) -> None:
    plant(tmp_path, {"var/lib/docker/x": b"", "home/u/.local/share/containers/storage/x": b"", "snap/x": b""})
    found = met(tmp_path, "/var/lib", "/snap", "/home/u/.local/share/containers")
    assert [path for path in found.paths if path.endswith("/x")] == ["/snap/x"]
    assert sorted(found.walk.left_out) == ["/home/u/.local/share/containers/storage", "/var/lib/docker"]


def test_a_file_that_vanishes_before_its_turn_is_no_gap(tmp_path: Path) -> None:
    plant(tmp_path, {"a": b"", "b": b"", "c": b""})
    found = met(tmp_path, each=lambda entry: entry.name == "a" and (tmp_path / "b").unlink())
    assert (found.paths, found.gaps) == (["/", "/a", "/c"], [])


def test_a_directory_that_vanishes_after_it_was_met_is_no_gap(tmp_path: Path) -> None:
    plant(tmp_path, {"a/x/y": b"", "b": b""})
    found = met(tmp_path, each=lambda entry: entry.name == "a" and shutil.rmtree(tmp_path / "a"))
    assert (found.paths, found.gaps) == (["/", "/a", "/b"], [])


def test_a_directory_that_vanishes_while_its_names_come_is_no_gap(tmp_path: Path) -> None:
    plant(tmp_path, {"a/x": b"", "a/y/z": b"", "b": b""})
    found = met(tmp_path, each=lambda entry: entry.name == "x" and shutil.rmtree(tmp_path / "a"))
    assert (found.paths, found.gaps) == (["/", "/a", "/a/x", "/b"], [])


def test_a_directory_that_is_replaced_by_a_link_is_not_entered(tmp_path: Path) -> None:
    plant(tmp_path, {"a/x": b"", "b/secret": b""})

    def replace(entry: Entry) -> None:
        if entry.name == "a":
            shutil.rmtree(tmp_path / "a")
            (tmp_path / "a").symlink_to("b")

    found = met(tmp_path, "/a", each=replace)
    assert (found.paths, found.gaps) == (["/a"], [])
