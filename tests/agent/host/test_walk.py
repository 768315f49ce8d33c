"""agent/host/walk.py on trees of every kind, hostile ones among them; test_mounts.py has those with mounts."""

from __future__ import annotations

import os
import shutil
import socket
from typing import TYPE_CHECKING

import pytest

from agent.host.listing import Wanted
from agent.host.root import HostRoot
from agent.host.walk import USUAL, TreeWalk
from tests.agent.host.walking import ALL, walked
from tests.hosts.mounted import mounted
from tests.hosts.trees import plant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from agent.host.found import Found
    from agent.host.walk import Budget
    from agent.model.records import Gap

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may")


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A root in memory for trees that are too wide to be made on a disk and too deep for Python to remove."""
    with mounted(tmp_path / "root", "-t", "tmpfs", "none") as point:
        yield point


def test_files_come_by_name_and_then_directories_by_name(tmp_path: Path) -> None:
    plant(tmp_path, {"z": b"", "b/z": b"", "b/c/x": b"", "b-/x": b"", "a": b"", "é/x": b"", "B/x": b""})
    assert walked(tmp_path).paths == ["/a", "/z", "/B/x", "/b/z", "/b/c/x", "/b-/x", "/é/x"]


def test_what_was_met_is_counted(tmp_path: Path) -> None:
    plant(tmp_path, {"a/b": b"x" * 10, "c": b"y"})
    walk = walked(tmp_path, each=lambda found: found.read(100)).walk
    assert (walk.entries, walk.directories, walk.reads.count) == (3, 2, 11)


def test_only_wanted_files_are_shown(tmp_path: Path) -> None:
    plant(tmp_path, dict.fromkeys(("METADATA", "metadata", "a.JAR", "a.jar.txt", "run"), b""))
    (tmp_path / "run").chmod(0o610)
    assert walked(tmp_path, Wanted(frozenset(["METADATA"]), (".jar",), True)).paths == ["/METADATA", "/a.JAR", "/run"]
    assert walked(tmp_path, Wanted(frozenset(), (), True)).paths == ["/run"]
    assert walked(tmp_path, Wanted(frozenset(["run"]), (), False)).paths == ["/run"]


def test_a_file_tells_its_size_and_whether_it_may_be_executed(tmp_path: Path) -> None:
    plant(tmp_path, {"a": b"abc", "b": b""})
    (tmp_path / "a").chmod(0o601)
    seen: list[Found] = []
    walked(tmp_path, each=seen.append)
    assert [(found.name, found.size, found.executable) for found in seen] == [("a", 3, True), ("b", 0, False)]


def test_nothing_but_regular_files_is_shown_or_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
    if os.geteuid() == 0:
        os.mknod(tmp_path / "device", 0o20777, os.makedev(1, 5))
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "up").symlink_to("..")
    assert walked(tmp_path)[:2] == ([], [])


def test_names_may_be_anything(tmp_path: Path) -> None:
    names = [b"new\nline", b"\xff\xfe", b" ", b"-", b"\x1b[2J", b"a" * 255]
    for name in names:
        with open(os.fsencode(tmp_path) + b"/" + name, "wb") as file:
            file.write(b"#!")
    forms: list[str] = []
    paths = walked(tmp_path, each=lambda found: forms.append(found.form())).paths
    assert {os.fsencode(path[1:]) for path in paths} == set(names)
    assert forms == ["script"] * len(names)


def test_a_directory_of_a_hundred_thousand_names_is_looked_at(root: Path) -> None:
    for number in range(100_000):
        os.mknod(root / f"{number:06}", 0o644)
    (root / "050000").chmod(0o755)
    walk = walked(root, Wanted(frozenset(), (), True))
    assert (walk.paths, walk.gaps, walk.walk.entries) == (["/050000"], [], 100_000)


def test_more_wanted_files_than_can_be_sorted_are_a_gap(root: Path) -> None:
    for number in range(100_001):
        os.mknod(root / f"{number:06}", 0o755)
    walk = walked(root)
    assert walk.paths == []
    assert [(gap.subject, gap.reason, gap.hides) for gap in walk.gaps] == [("/", "limit", "/")]


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


def test_a_tree_of_two_thousand_levels_takes_few_descriptors(root: Path) -> None:
    deepen(root, 2000)
    plant(root, {"z/f": b""})
    most = 0

    def count(_: Found) -> None:
        nonlocal most
        most = max(most, len(os.listdir("/proc/self/fd")))

    before = len(os.listdir("/proc/self/fd"))
    walk = walked(root, each=count)
    assert (len(walk.paths), walk.gaps) == (2001, [])
    assert walk.paths[-1] == "/z/f"
    assert most - before < 40


def test_what_lies_deeper_than_a_path_may_be_long_is_a_gap(root: Path) -> None:
    deepen(root, 30, "d" * 200)
    walk = walked(root)
    assert [(gap.reason, gap.hides and len(gap.hides)) for gap in walk.gaps] == [("limit", 21 * 201 + 1)]
    assert len(walk.paths) == 21


@only_root
def test_a_directory_that_may_not_be_read_is_a_gap_that_hides_what_is_below(tmp_path: Path) -> None:
    plant(tmp_path, {"a/x": b"", "b/x": b"", "c/x": b""})
    (tmp_path / "a").chmod(0)
    (tmp_path / "b").chmod(0o644)
    tmp_path.chmod(0o755)
    gaps: list[Gap] = []
    with TreeWalk(HostRoot(str(tmp_path)), ALL, USUAL, gaps.append) as walk:
        os.seteuid(65534)
        try:
            paths = [found.path for found in walk.files()]
        finally:
            os.seteuid(0)
    assert paths == ["/c/x"]
    assert [(gap.reason, gap.hides) for gap in gaps] == [("denied", "/a/"), ("denied", "/b/")]


def test_a_directory_that_vanishes_is_no_gap(tmp_path: Path) -> None:
    plant(tmp_path, {"a": b"", "b/x": b"", "c/x": b""})
    assert walked(tmp_path, each=lambda _: shutil.rmtree(tmp_path / "b", ignore_errors=True))[:2] == (
        ["/a", "/c/x"],
        [],
    )


def test_a_directory_that_is_swapped_for_a_link_is_not_entered(tmp_path: Path) -> None:
    plant(tmp_path, {"root/a": b"", "root/b/x": b"", "outside/secret": b""})

    def swap(_: Found) -> None:
        shutil.rmtree(tmp_path / "root/b")
        (tmp_path / "root/b").symlink_to(tmp_path / "outside")

    walk = walked(tmp_path / "root", each=swap)
    assert (walk.paths, [gap.hides for gap in walk.gaps]) == (["/a"], ["/b/"])


def test_a_file_that_is_swapped_for_a_link_or_a_fifo_is_not_read(tmp_path: Path) -> None:
    plant(tmp_path, {"secret": b"secret", "root/a": b"", "root/b": b""})

    def read(found: Found) -> None:
        (tmp_path / "root" / found.name).unlink()
        if found.name == "a":
            (tmp_path / "root/a").symlink_to(tmp_path / "secret")
        else:
            os.mkfifo(tmp_path / "root/b")
        with pytest.raises(OSError, match="not a regular file"):
            found.read(100)

    assert walked(tmp_path / "root", each=read).paths == ["/a", "/b"]


def test_a_tree_that_is_moved_under_the_walk_is_a_gap_and_the_rest_is_walked(tmp_path: Path) -> None:
    """Deep enough that the directories above were closed and have to be found again."""
    plant(tmp_path, {"root/z/f": b"", "elsewhere/x": b""})
    deepen(tmp_path / "root", 60)
    plant(tmp_path / "root", {"d/" * 11 + "e/f": b""})

    def move(found: Found) -> None:
        if found.path == "/" + "d/" * 59 + "f":
            os.rename(tmp_path / "root" / ("d/" * 12), tmp_path / "elsewhere/d")

    walk = walked(tmp_path / "root", each=move)
    assert walk.paths == ["/" + "d/" * level + "f" for level in range(60)] + ["/z/f"]
    assert [(gap.reason, gap.hides) for gap in walk.gaps] == [("vanished", "/" + "d/" * 11)]


@pytest.mark.parametrize(
    ("budget", "paths", "hides"),
    [
        (USUAL._replace(entries=3), ["/a"], ["/b/", "/c/"]),
        (USUAL._replace(bytes_read=1), ["/a"], ["/b/", "/c/"]),
        (USUAL._replace(processor_seconds=0), ["/a"], ["/b/", "/c/"]),
        (USUAL._replace(seconds=0), ["/a"], ["/b/", "/c/"]),
        (USUAL._replace(entries=4), ["/a"], ["/b/", "/c/"]),
        (USUAL._replace(entries=5), ["/a", "/b/x"], ["/b/y/", "/c/"]),
    ],
)
def test_a_walk_ends_with_its_budget_and_names_what_it_did_not_reach(
    tmp_path: Path, budget: Budget, paths: list[str], hides: list[str]
) -> None:
    plant(tmp_path, {"a": b"xx", "b/x": b"", "b/y/x": b"", "c/x": b""})
    walk = walked(tmp_path, budget=budget, each=lambda found: found.read(10))
    assert [gap.reason for gap in walk.gaps] == ["limit"] * len(walk.gaps)
    assert (walk.paths, [gap.hides for gap in walk.gaps]) == (paths, hides)


def test_of_many_unreached_directories_all_keys_are_hidden(tmp_path: Path) -> None:
    plant(tmp_path, {f"{number}/x": b"" for number in range(51)})
    [gap] = walked(tmp_path, budget=USUAL._replace(seconds=0)).gaps
    assert (gap.subject, gap.hides) == ("file tree", "/")
    assert "at /0" in gap.detail


def test_storage_of_containers_is_left_out_and_named(tmp_path: Path) -> None:
    left_out = ("var/lib/docker", "snap", "home/a/.local/share/containers/storage")
    plant(tmp_path, {f"{folder}/x": b"" for folder in (*left_out, "var/lib/dpkg")})
    walk = walked(tmp_path)
    assert walk.paths == ["/var/lib/dpkg/x"]
    assert sorted(walk.walk.excluded) == sorted(f"/{folder}" for folder in left_out)
    assert walk.gaps == []


def test_a_file_is_shown_again_by_its_path(tmp_path: Path) -> None:
    plant(tmp_path, {"a/b": b"content"})
    with TreeWalk(HostRoot(str(tmp_path)), Wanted(frozenset(), (), True), USUAL, print) as walk:
        with walk.again("/a/b", 7) as found:
            assert found.read(100) == b"content"
        os.rename(tmp_path / "a", tmp_path / "c")
        (tmp_path / "a").symlink_to("c")
        with pytest.raises(OSError), walk.again("/a/b", 7):
            pass


def test_every_read_is_observed(tmp_path: Path) -> None:
    plant(tmp_path, {"a/read": b"", "a/unread": b""})
    seen: list[str] = []
    walked(tmp_path, each=lambda found: found.name == "read" and found.form(), observe=seen.append)
    assert seen == ["/", "/a", "/a/read"]


@only_root
def test_times_of_access_stay_as_they_were(tmp_path: Path) -> None:
    plant(tmp_path, {"a/b": b"x"})
    for path in (tmp_path / "a", tmp_path / "a/b"):
        os.utime(path, (1000, 2000))
    walked(tmp_path, each=lambda found: found.read(10))
    assert [os.stat(tmp_path / path).st_atime for path in ("a", "a/b")] == [1000, 1000]
