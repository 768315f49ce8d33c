"""agent/host/entries.py on trees of every kind, hostile ones among them; test_entry_mounts.py has those with mounts."""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agent.host.entry_budget import Budget
from agent.host.root import HostRoot
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


def test_a_name_of_the_last_characters_there_are_is_met(tmp_path: Path) -> None:
    last = chr(0x10FFFF)
    plant(tmp_path, {"a/x": b"", last: b"", f"{last * 2}/x": b"", last * 63: b""})
    assert met(tmp_path).paths[-4:] == [f"/{last}", f"/{last * 2}", f"/{last * 2}/x", f"/{last * 63}"]


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


def test_a_directory_that_is_moved_under_the_walk_is_a_gap_and_the_rest_is_met(root: Path) -> None:
    """Deep enough that the directories above were closed and have to be found again."""
    plant(root, {"z": b"", "elsewhere/x": b""})
    deepen(root, 60)
    plant(root, {"d/" * 11 + "e/f": b""})

    def move(entry: Entry) -> None:
        if entry.path == "/" + "d/" * 59 + "f":
            os.rename(root / ("d/" * 12), root / "elsewhere/d")

    found = met(root, "/d", "/z", each=move)
    assert [path for path in found.paths if path.endswith("z")] == ["/z"]
    assert found.hidden == [("/" + "d/" * 10 + "d", "vanished", "/" + "d/" * 11)]


@only_root
def test_what_may_not_be_read_is_a_gap(tmp_path: Path) -> None:
    plant(tmp_path, {"a/x": b"", "b/x": b"", "c/x": b""})
    (tmp_path / "a").chmod(0)
    (tmp_path / "b").chmod(0o644)
    tmp_path.chmod(0o755)
    found = met(HostRoot(str(tmp_path)), uid=65534)
    assert found.paths == ["/", "/a", "/b", "/c", "/c/x"]
    assert found.hidden == [("/a", "denied", "/a/"), ("/b/x", "denied", "/b/x")]


@only_root
def test_many_names_that_may_not_be_looked_at_are_few_gaps(tmp_path: Path) -> None:
    plant(tmp_path, {f"a/{number:02}": b"" for number in range(90)})
    plant(tmp_path, {"b": b""})
    (tmp_path / "a").chmod(0o644)
    tmp_path.chmod(0o755)
    found = met(HostRoot(str(tmp_path)), uid=65534)
    assert found.paths == ["/", "/a", "/b"]
    assert found.hidden[-1] == ("/a", "denied", "/a/")
    assert len(found.hidden) == 51


def test_a_directory_of_a_hundred_thousand_names_is_met(root: Path) -> None:
    for number in range(100_000):
        os.mknod(root / f"{number:06}", 0o644)
    (root / "dir").mkdir()
    found = met(root)
    assert (len(found.paths), found.gaps, found.walk.met) == (100_002, [], 100_001)


def test_more_names_than_are_held_in_memory_are_a_gap(root: Path) -> None:
    (root / "a").mkdir()
    for number in range(55_000):
        os.mknod(root / "a" / f"{number:0250}", 0o644)
    plant(root, {"b": b""})
    found = met(root)
    assert (found.paths, found.hidden) == (["/", "/a", "/b"], [("/a", "limit", "/a/")])


def test_a_tree_of_two_thousand_levels_takes_few_descriptors(root: Path) -> None:
    deepen(root, 2000)
    most = 0

    def count(_: Entry) -> None:
        nonlocal most
        most = max(most, len(os.listdir("/proc/self/fd")))

    before = len(os.listdir("/proc/self/fd"))
    found = met(root, each=count)
    assert (len(found.paths), found.gaps) == (4001, [])
    assert most - before < 40


def test_what_lies_deeper_than_a_path_may_be_long_is_a_gap(root: Path) -> None:
    deepen(root, 30, "d" * 200)
    found = met(root)
    assert [(gap.reason, gap.hides and len(gap.hides)) for gap in found.gaps] == [("limit", 21 * 201 + 1)]
    assert len(found.paths) == 1 + 20 * 2 + 2


@pytest.mark.parametrize(
    ("budget", "paths", "hides"),
    [
        (Budget(entries=2), [], ["/", "/a", "/a-", "/b"]),
        (Budget(entries=5), ["/", "/a", "/a-"], ["/a/x", "/a/y", "/a/z", "/b"]),
        (Budget(entries=6), ["/", "/a", "/a-", "/a/x", "/a/y"], ["/a/y/w", "/a/z", "/b"]),
        (Budget(processor_seconds=0), [], ["/", "/a", "/a-", "/b"]),
        (Budget(seconds=0), [], ["/", "/a", "/a-", "/b"]),
    ],
)
def test_a_walk_ends_with_its_budget_and_names_what_it_did_not_reach(
    tmp_path: Path, budget: Budget, paths: list[str], hides: list[str]
) -> None:
    plant(tmp_path, {"a/x": b"", "a/y/w": b"", "a/z": b"", "a-": b"", "b": b""})
    found = met(tmp_path, budget=budget)
    assert found.walk.ended
    assert found.paths == paths
    assert [gap.reason for gap in found.gaps] == ["limit"] * len(found.gaps)
    assert sorted(gap.hides or "" for gap in found.gaps) == hides


def test_of_many_unreached_names_the_directory_is_hidden(tmp_path: Path) -> None:
    plant(tmp_path, {f"a/{number}": b"" for number in range(60)})
    plant(tmp_path, {"a/1-/x": b"", "b": b""})
    found = met(tmp_path, "/a", "/b", budget=Budget(entries=60))
    assert [gap.hides for gap in found.gaps] == ["/b", "/a/"]
    assert "/b" not in found.paths


def test_the_directories_that_are_listed_are_observed(tmp_path: Path) -> None:
    plant(tmp_path, {"a/b/c": b"", "d/e": b""})
    seen: list[str] = []
    met(HostRoot(str(tmp_path), seen.append), "/a/b", "/d/e")
    assert set(seen) == {"/", "/a", "/a/b", "/d", "/d/e"}


def test_times_of_access_stay_as_they_were(tmp_path: Path) -> None:
    plant(tmp_path, {"a/b": b"x"})
    os.utime(tmp_path / "a", (1000, 2000))
    met(tmp_path)
    assert os.stat(tmp_path / "a").st_atime == 1000


def deepen(folder: Path, levels: int, name: str = "d") -> None:
    """Make a chain of directories, each with a file."""
    here = os.getcwd()
    os.chdir(folder)
    try:
        for _ in range(levels):
            os.mknod("f", 0o755)
            os.mkdir(name)
            os.chdir(name)
    finally:
        os.chdir(here)
